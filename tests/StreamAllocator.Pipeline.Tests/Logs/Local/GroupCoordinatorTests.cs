using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Pipeline.Tests.Logs.Local;

public sealed class GroupCoordinatorTests
{
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    public void However_members_come_and_go_no_partition_has_two_owners_and_all_get_an_even_share(ulong seed)
    {
        const int Partitions = 7;
        var random = SeededRandom.For(seed, "groups");
        using var log = new InMemoryLog();
        log.CreateTopics([new TopicSpec("a", Partitions - 2), new TopicSpec("b", 2)]);
        var members = new List<ILogConsumer>();
        using var batch = new RecordBatch();
        for (var step = 0; step < 500; step++)
        {
            switch (random.NextInt32(6))
            {
                case 0 when members.Count < 5:
                    members.Add(log.Join("group", $"m{step}", ["b", "a"]));
                    break;
                case 1 when members.Count > 1:
                    var leaving = random.NextInt32(members.Count);
                    members[leaving].Dispose();
                    members.RemoveAt(leaving);
                    break;
                case 2 when members.Count > 0:
                    log.Evict(members[random.NextInt32(members.Count)]);
                    break;
                case var _ when members.Count > 0:
                    members[random.NextInt32(members.Count)].Poll(batch, 1, TimeSpan.Zero);
                    break;
            }

            // An evicted member has not heard of it yet: whom commits are taken from is what counts.
            var owned = members.SelectMany(member => member.Assignment.Where(source => MayCommit(log, member, source))).ToList();
            Assert.Equal(owned.Count, owned.Distinct().Count());
        }

        if (members.Count == 0)
            members.Add(log.Join("group", "last", ["a", "b"]));
        for (var turn = 0; turn < 5; turn++)
        {
            foreach (var member in members)
                member.Poll(batch, 1, TimeSpan.Zero);
        }

        var shares = members.Select(member => member.Assignment.Count).ToList();
        Assert.Equal(Partitions, shares.Sum());
        Assert.True(shares.Max() - shares.Min() <= 1, $"seed {seed}: {string.Join(", ", shares)}");
    }

    [Fact]
    public void Who_stays_keeps_what_it_has_when_another_joins()
    {
        using var log = new InMemoryLog();
        log.CreateTopics([new TopicSpec("a", 6)]);
        using var batch = new RecordBatch();
        using var first = log.Join("group", "z", ["a"]);
        first.Poll(batch, 1, TimeSpan.Zero);
        var before = first.Assignment;
        using var second = log.Join("group", "a", ["a"]);

        // Nothing is free for it before the first one gives up its part.
        Assert.Equal(PollOutcome.Idle, second.Poll(batch, 1, TimeSpan.Zero));
        Assert.Equal(PollOutcome.AssignmentChanged, first.Poll(batch, 1, TimeSpan.Zero));
        Assert.Equal(PollOutcome.AssignmentChanged, second.Poll(batch, 1, TimeSpan.Zero));
        Assert.Equal(3, first.Assignment.Intersect(before).Count());
        Assert.Equal(before, first.Assignment.Concat(second.Assignment).Order());
        Assert.Equal(PollOutcome.Idle, first.Poll(batch, 1, TimeSpan.Zero));
    }

    [Fact]
    public void A_member_gets_only_topics_it_subscribed_to()
    {
        using var log = new InMemoryLog();
        log.CreateTopics([new TopicSpec("a", 3), new TopicSpec("b", 3)]);
        using var batch = new RecordBatch();
        using var both = log.Join("group", "both", ["a", "b"]);
        using var one = log.Join("group", "one", ["b"]);
        for (var turn = 0; turn < 3; turn++)
        {
            both.Poll(batch, 1, TimeSpan.Zero);
            one.Poll(batch, 1, TimeSpan.Zero);
        }

        Assert.All(one.Assignment, source => Assert.Equal("b", source.Topic));
        Assert.Equal(3, one.Assignment.Count);
        Assert.Equal(3, both.Assignment.Count);
    }

    private static bool MayCommit(InMemoryLog log, ILogConsumer member, TopicPartition source)
    {
        using var producer = log.OpenProducer("probe");
        try
        {
            producer.Commit(member, [new PartitionOffset(source, 0)]);
            return true;
        }
        catch (LogFencedException)
        {
            return false;
        }
    }
}
