using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

public abstract partial class EventLogContract
{
    [Fact]
    public void A_group_starts_at_the_first_record_and_goes_on_where_it_committed()
    {
        string topic = Topic(), group = Name("group");
        var source = new TopicPartition(topic, 0);
        for (var i = 0; i < 10; i++)
            Write(topic, (0, "k", $"{i}"));
        using (var member = Log.Join(group, "m", [topic]))
        {
            var seen = Take(member, 10, 3);
            Assert.Equal("0", seen[0].Value);
            using var producer = Log.OpenProducer(Name("producer"));
            producer.Commit(member, [new PartitionOffset(source, seen[6].Offset + 1)]);
        }

        Assert.Equal(["7", "8", "9"], Take(Member(group, "m", topic), 3).Select(record => record.Value));
    }

    [Fact]
    public void Groups_do_not_know_of_each_other()
    {
        var topic = Topic();
        Write(topic, (0, "k", "1"));
        string left = Name("group"), right = Name("group");
        var member = Member(left, "m", topic);
        var record = Take(member, 1).Single();
        Producer().Commit(member, [new PartitionOffset(record.Source, record.Offset + 1)]);
        Assert.Null(Log.Committed(right, record.Source));
        Assert.Equal("1", Take(Member(right, "m", topic), 1).Single().Value);
    }

    [Fact]
    public void Members_of_a_group_are_known_by_name_until_they_leave()
    {
        string topic = Topic(2), group = Name("group");
        Assert.Empty(Log.Members(group));
        var stays = Member(group, "b", topic);
        Settle(stays, 2);
        var goes = Log.Join(group, "a", [topic]);
        using var batch = new RecordBatch();
        Until(
            () =>
            {
                stays.Poll(batch, 1, Moment);
                goes.Poll(batch, 1, Moment);
                return goes.Assignment.Count == 1;
            },
            () => "two members");
        Assert.Equal(["a", "b"], Log.Members(group));
        goes.Dispose();
        Until(
            () =>
            {
                stays.Poll(batch, 1, Moment);
                return Log.Members(group) is ["b"];
            },
            () => "one member");
    }

    [Fact]
    public void The_assignment_is_told_before_the_first_record()
    {
        var topic = Topic(3);
        Write(topic, (2, "k", "1"));
        var member = Member(Name("group"), "m", topic);
        Assert.Equal([new(topic, 0), new(topic, 1), new(topic, 2)], Settle(member, 3));
        Assert.Equal("1", Take(member, 1).Single().Value);
    }

    [Fact]
    public void A_member_pauses_and_seeks_what_it_was_assigned()
    {
        string topic = Topic(2), group = Name("group");
        Write(topic, (0, "k", "a"), (0, "k", "b"), (1, "k", "c"));
        var member = Member(group, "m", topic);
        var paused = Settle(member, 2)[1];
        member.Pause(paused);
        var seen = Take(member, 2, 1);
        Assert.Equal(["a", "b"], seen.Select(record => record.Value));
        member.Seek(seen[1].Source, seen[1].Offset);
        Assert.Equal("b", Take(member, 1).Single().Value);
        member.Resume(paused);
        Assert.Equal("c", Take(member, 1).Single().Value);
    }

    [Fact]
    public void A_member_under_a_living_name_fences_the_old_one()
    {
        string topic = Topic(2), output = Topic(), group = Name("group");
        Write(topic, (0, "k", "1"), (1, "k", "2"));
        var zombie = Member(group, "m", topic);
        var seen = Take(zombie, 2);
        var owner = Member(group, "m", topic);
        Settle(owner, 2);
        var producer = Producer();
        Send(producer, output, (0, "k", "zombie"));
        Assert.Throws<LogFencedException>(() => producer.Commit(zombie, [new PartitionOffset(seen[0].Source, seen[0].Offset + 1)]));
        Assert.Null(Log.Committed(group, seen[0].Source));
        using var batch = new RecordBatch();
        Assert.Throws<LogFencedException>(() => Until(() => zombie.Poll(batch, 10, Moment) == PollOutcome.Records, () => "a fence"));
        Assert.Equal(["1", "2"], Take(owner, 2).Select(record => record.Value).Order());
        var next = Producer();
        next.Commit(owner, [new PartitionOffset(seen[0].Source, seen[0].Offset + 1)]);
        Assert.Empty(ReadAll(output));
    }

    [Fact]
    public void A_member_cannot_commit_for_a_partition_it_gave_up()
    {
        string topic = Topic(2), output = Topic(), group = Name("group");
        Write(topic, (0, "k", "1"), (1, "k", "2"));
        var first = Member(group, "first", topic);
        var seen = Take(first, 2);
        var second = Member(group, "second", topic);
        Share(first, second, 1);
        var lost = second.Assignment.Single();
        var producer = Producer();
        Send(producer, output, (0, "k", "zombie"));
        var next = seen.Single(record => record.Source == lost).Offset + 1;
        Assert.Throws<LogFencedException>(() => producer.Commit(first, [new PartitionOffset(lost, next)]));
        Assert.Null(Log.Committed(group, lost));
        Assert.Empty(ReadAll(output));
        Assert.DoesNotContain(lost, first.Assignment);
    }

    [Fact]
    public void A_member_keeps_what_it_has_until_its_own_next_poll()
    {
        string topic = Topic(2), group = Name("group");
        Write(topic, (0, "k", "1"), (1, "k", "2"), (0, "k", "3"), (1, "k", "4"));
        var first = Member(group, "first", topic);
        var seen = Take(first, 4).GroupBy(record => record.Source).Select(records => records.First());
        var second = Member(group, "second", topic);
        using var batch = new RecordBatch();

        // Long enough for a broker to bring the rebalance as far as it goes without the first member's poll.
        for (var i = 0; i < 40; i++)
            second.Poll(batch, 1, Moment);
        Assert.Empty(second.Assignment);
        Producer().Commit(first, [.. seen.Select(record => new PartitionOffset(record.Source, record.Offset + 1))]);
        Share(first, second, 1);
        second.Seek(second.Assignment[0], Log.Committed(group, second.Assignment[0])!.Value);
        Assert.Equal(second.Assignment[0].Partition == 0 ? "3" : "4", Take(second, 1).Single().Value);
    }

    [Fact]
    public void Partitions_go_to_the_members_that_are_left()
    {
        string topic = Topic(3), group = Name("group");
        var first = Member(group, "first", topic);
        Settle(first, 3);
        var second = Log.Join(group, "second", [topic]);
        Until(() => Alternate(first, second) is (2, 1) or (1, 2), () => "three partitions to be shared");
        Assert.Empty(first.Assignment.Intersect(second.Assignment));
        second.Dispose();
        Settle(first, 3);
    }

    /// <summary>As of a process that is killed at the worst moment and starts again at once.</summary>
    [Fact]
    public void A_member_that_is_replaced_within_a_hand_over_leaves_no_partition_without_an_owner()
    {
        string topic = Topic(4), group = Name("group");
        var first = Member(group, "first", topic);
        Settle(first, 4);
        var second = Member(group, "second", topic);
        using var batch = new RecordBatch();

        // Long enough for a broker to bring the hand-over to where it waits for the first member.
        for (var i = 0; i < 40; i++)
            second.Poll(batch, 1, Moment);
        Share(Member(group, "first", topic), second, 2);
    }

    [Fact]
    public void A_hand_over_loses_nothing_and_doubles_nothing()
    {
        const int Partitions = 4;
        string input = Topic(Partitions), output = Topic(), group = Name("group");
        var written = 0;
        var first = new Worker(this, group, "first", input, output);
        var second = new Worker(this, group, "second", input, output);
        Write(100);
        Until(() => Processed(60, first), () => "the first member to work");
        second.Join();
        Write(100);
        Until(() => Processed(200, first, second) && second.Batches > 0, () => "both members to work");
        first.Leave();
        Write(100);
        Until(() => Processed(300, second), () => "the second member to finish");
        second.Leave();
        var seen = ReadAll(output).Select(record => record.Value).ToList();
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}").Order(), seen.Order());

        void Write(int count)
        {
            using var producer = Log.OpenProducer(Name("writer"));
            for (var i = 0; i < count; i++)
                Send(producer, input, (written % Partitions, $"{written % 7}", $"{written++}"));
            producer.Commit(null, []);
        }

        bool Processed(int count, params ReadOnlySpan<Worker> workers)
        {
            foreach (var worker in workers)
                worker.Turn();
            return first.Records + second.Records >= count;
        }
    }

    private (int, int) Alternate(ILogConsumer first, ILogConsumer second)
    {
        using var batch = new RecordBatch();
        first.Poll(batch, 1, Moment);
        second.Poll(batch, 1, Moment);
        return (first.Assignment.Count, second.Assignment.Count);
    }

    private void Share(ILogConsumer first, ILogConsumer second, int each) =>
        Until(() => Alternate(first, second) == (each, each), () => $"{each} partitions for each");

    /// <summary>Copies an input topic to an output topic, exactly once, as a shard does.</summary>
    private sealed class Worker(EventLogContract test, string group, string name, string input, string output)
    {
        private readonly RecordBatch _batch = test.Opened(new RecordBatch());
        private ILogConsumer? _consumer;
        private ILogProducer? _producer;

        public int Batches { get; private set; }

        /// <summary>Records whose copy was committed.</summary>
        public int Records { get; private set; }

        public void Join()
        {
            _consumer = test.Opened(test.Log.Join(group, name, [input]));
            _producer = test.Opened(test.Log.OpenProducer($"{group}-{name}"));
        }

        public void Leave()
        {
            _producer!.Dispose();
            _consumer!.Dispose();
            _consumer = null;
        }

        public void Turn()
        {
            if (_consumer is null)
                Join();
            try
            {
                if (_consumer!.Poll(_batch, 5, test.Moment) != PollOutcome.Records)
                    return;
                foreach (var record in SeenRecord.Of(_batch))
                    Send(_producer!, output, (0, record.Key, record.Value));
                _producer!.Commit(_consumer, [new PartitionOffset(_batch.Source, _batch[_batch.Count - 1].Offset + 1)]);
                Batches++;
                Records += _batch.Count;
            }
            catch (LogRebalancingException)
            {
                // Read again after the poll that tells whether it is still this member's.
                _consumer!.Seek(_batch.Source, _batch[0].Offset);
            }
            catch (LogFencedException)
            {
                Leave();
            }
        }
    }
}
