using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Pipeline.Tests.Logs.InMemory;

public sealed class InMemoryFaultsTests
{
    private static readonly TopicPartition Input = new("input", 0);
    private static readonly TopicPartition Output = new("output", 0);

    [Fact]
    public void A_crash_before_or_within_a_commit_leaves_nothing()
    {
        foreach (var faults in new[] { new InMemoryFaults { CrashBeforeCommit = 1 }, new InMemoryFaults { CrashWithinCommit = 1 } })
        {
            using var log = Create(faults);
            Assert.Throws<InjectedCrashException>(() => Copy(log));
            Assert.Null(log.Committed("group", Input));
            Assert.Equal(0, log.EndOffset(Output));
        }
    }

    [Fact]
    public void A_lost_answer_comes_after_the_commit_and_a_lost_commit_instead_of_it()
    {
        using (var log = Create(new InMemoryFaults { LostAnswer = 1 }))
        {
            Assert.Throws<LogOutcomeUnknownException>(() => Copy(log));
            Assert.Equal(1, log.Committed("group", Input));
            Assert.Equal(1, log.EndOffset(Output));
        }

        using (var log = Create(new InMemoryFaults { LostCommit = 1 }))
        {
            Assert.Throws<LogOutcomeUnknownException>(() => Copy(log));
            Assert.Null(log.Committed("group", Input));
            Assert.Equal(0, log.EndOffset(Output));
        }
    }

    [Fact]
    public void A_crash_after_a_commit_leaves_all_of_it()
    {
        using var log = Create(new InMemoryFaults { CrashAfterCommit = 1 });
        Assert.Throws<InjectedCrashException>(() => Copy(log));
        Assert.Equal(1, log.Committed("group", Input));
        Assert.Equal(1, log.EndOffset(Output));
    }

    [Fact]
    public void An_eviction_at_the_commit_fences_it()
    {
        using var log = Create(new InMemoryFaults { EvictionAtCommit = 1 });
        Assert.Throws<LogFencedException>(() => Copy(log));
        Assert.Equal(0, log.EndOffset(Output));
    }

    [Fact]
    public void The_same_seed_gives_the_same_faults_and_another_seed_others()
    {
        Assert.Equal(Outcomes(1), Outcomes(1));
        Assert.NotEqual(Outcomes(1), Outcomes(2));
        Assert.Contains(PollOutcome.Idle, Outcomes(1));
        Assert.Contains(PollOutcome.Records, Outcomes(1));

        static List<PollOutcome> Outcomes(ulong seed)
        {
            using var log = Create(new InMemoryFaults { Seed = seed, Delay = 0.5 }, 64);
            using var reader = log.Read([Input]);
            using var batch = new RecordBatch();
            return [.. Enumerable.Range(0, 64).Select(_ => reader.Poll(batch, 1, TimeSpan.Zero))];
        }
    }

    [Fact]
    public void A_small_batch_holds_a_part_of_what_was_asked_for()
    {
        using var log = Create(new InMemoryFaults { SmallBatch = 1 }, 1000);
        using var reader = log.Read([Input]);
        using var batch = new RecordBatch();
        var sizes = new List<int>();
        while (reader.Poll(batch, 10, TimeSpan.Zero) == PollOutcome.Records)
            sizes.Add(batch.Count);
        Assert.Equal(1000, sizes.Sum());
        Assert.All(sizes, size => Assert.InRange(size, 1, 10));
        Assert.True(sizes.Distinct().Count() > 5);
    }

    [Fact]
    public void A_forced_hand_over_takes_everything_and_gives_it_back_at_the_committed_offset()
    {
        using var log = Create(new InMemoryFaults { Seed = 3, HandOver = 0.3 }, 20);
        using var member = log.Join("group", "m", ["input"]);
        using var batch = new RecordBatch();
        int lost = 0, redelivered = 0;
        for (var i = 0; i < 200; i++)
        {
            var outcome = member.Poll(batch, 1, TimeSpan.Zero);
            lost += outcome == PollOutcome.AssignmentChanged && member.Assignment.Count == 0 ? 1 : 0;
            redelivered += outcome == PollOutcome.Records && batch[0].Offset == 0 ? 1 : 0;
        }

        Assert.True(lost > 5);
        Assert.True(redelivered > 5);
    }

    [Fact]
    public void Under_all_faults_at_once_copying_is_exactly_once()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            const int Records = 200;
            using var log = Create(
                new InMemoryFaults
                {
                    Seed = seed,
                    CrashBeforeCommit = 0.03,
                    CrashWithinCommit = 0.03,
                    CrashAfterCommit = 0.03,
                    LostAnswer = 0.05,
                    LostCommit = 0.05,
                    EvictionAtCommit = 0.05,
                    HandOver = 0.05,
                    Delay = 0.2,
                    SmallBatch = 0.5,
                },
                Records);
            for (var turn = 0; log.Committed("group", Input) != Records; turn++)
            {
                Assert.True(turn < 10_000, $"seed {seed}: the copy does not end");
                try
                {
                    Copy(log, 7);
                }
                catch (InjectedCrashException)
                {
                }
                catch (LogFencedException)
                {
                }
                catch (LogOutcomeUnknownException)
                {
                }
            }

            using var reader = log.Read([Output]);
            using var batch = new RecordBatch();
            var expected = 0;
            for (var poll = 0; poll < 10_000 && expected < Records; poll++)
            {
                reader.Poll(batch, 1000, TimeSpan.Zero);
                for (var i = 0; i < batch.Count; i++)
                    Assert.True(expected++ == BitConverter.ToInt32(batch[i].Value), $"seed {seed}: record {expected - 1} is lost or doubled");
            }

            Assert.Equal(log.EndOffset(Output), expected);
        }
    }

    private static InMemoryLog Create(InMemoryFaults faults, int records = 1)
    {
        var log = new InMemoryLog();
        log.CreateTopics([new TopicSpec("input", 1), new TopicSpec("output", 1)]);
        using var outputs = new OutputBatch();
        for (var i = 0; i < records; i++)
            outputs.Append(Input, new EventTime(i), "k"u8, default, BitConverter.GetBytes(i));
        using var producer = log.OpenProducer("writer");
        producer.Send(outputs);
        producer.Commit(null, []);
        log.Inject(faults);
        return log;
    }

    /// <summary>One life of a copier: joins, copies until nothing comes or it dies.</summary>
    private static void Copy(InMemoryLog log, int maxRecords = 1)
    {
        using var member = log.Join("group", "m", ["input"]);
        using var producer = log.OpenProducer("copier");
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        for (var idle = 0; idle < 5;)
        {
            if (member.Poll(batch, maxRecords, TimeSpan.Zero) != PollOutcome.Records)
            {
                idle++;
                continue;
            }

            outputs.Clear();
            for (var i = 0; i < batch.Count; i++)
                outputs.Append(Output, batch[i].Time, batch[i].Key, batch[i].Headers, batch[i].Value);
            producer.Send(outputs);
            producer.Commit(member, [new PartitionOffset(Input, batch[batch.Count - 1].Offset + 1)]);
        }
    }
}
