using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

public abstract partial class EventLogContract
{
    [Fact]
    public void Outputs_and_offsets_are_committed_together()
    {
        string input = Topic(), output = Topic(2), group = Name("group");
        var source = new TopicPartition(input, 0);
        Write(input, (0, "k", "in"));
        var member = Member(group, "m", input);
        var record = Take(member, 1).Single();
        var producer = Producer();
        Send(producer, output, (0, "k", "left"), (1, "k", "right"));
        Assert.Null(Log.Committed(group, source));
        producer.Commit(member, [new PartitionOffset(source, record.Offset + 1)]);
        Assert.Equal(record.Offset + 1, Log.Committed(group, source));
        Assert.Equal(["left", "right"], ReadAll(output, 2).OrderBy(seen => seen.Source).Select(seen => seen.Value));
    }

    [Fact]
    public void Offsets_can_be_committed_without_outputs()
    {
        string input = Topic(), group = Name("group");
        var source = new TopicPartition(input, 0);
        Write(input, (0, "k", "1"), (0, "k", "2"));
        var member = Member(group, "m", input);
        var seen = Take(member, 2);
        var producer = Producer();
        producer.Commit(member, [new PartitionOffset(source, seen[0].Offset + 1)]);
        Assert.Equal(seen[0].Offset + 1, Log.Committed(group, source));
        producer.Commit(member, [new PartitionOffset(source, seen[1].Offset + 1)]);
        Assert.Equal(seen[1].Offset + 1, Log.Committed(group, source));
    }

    [Fact]
    public void What_was_aborted_is_never_seen_and_the_producer_goes_on()
    {
        var topic = Topic(2);
        var producer = Producer();
        Send(producer, topic, (0, "k", "aborted"), (1, "k", "aborted"));
        producer.Abort();
        Send(producer, topic, (0, "k", "kept"));
        producer.Commit(null, []);
        producer.Abort();
        Assert.Equal("kept", Assert.Single(ReadAll(topic, 2)).Value);
    }

    [Fact]
    public void Nothing_is_visible_before_the_commit()
    {
        var topic = Topic();
        var reader = Reader(topic);
        var producer = Producer();
        Send(producer, topic, (0, "k", "1"));
        Send(producer, topic, (0, "k", "2"));
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.Idle, reader.Poll(batch, 10, Moment));
        producer.Commit(null, []);
        Assert.Equal(["1", "2"], Take(reader, 2).Select(record => record.Value));
    }

    [Fact]
    public void A_disposed_producer_discards_what_it_did_not_commit()
    {
        var topic = Topic();
        var id = Name("producer");
        var producer = Log.OpenProducer(id);
        Send(producer, topic, (0, "k", "lost"));
        producer.Dispose();
        var next = Producer(id);
        Send(next, topic, (0, "k", "kept"));
        next.Commit(null, []);
        Assert.Equal("kept", Assert.Single(ReadAll(topic)).Value);
    }

    [Fact]
    public void A_new_producer_fences_the_old_one_of_its_id()
    {
        string input = Topic(), output = Topic(), group = Name("group"), id = Name("producer");
        var source = new TopicPartition(input, 0);
        Write(input, (0, "k", "in"));
        var member = Member(group, "m", input);
        var record = Take(member, 1).Single();
        var zombie = Producer(id);
        Send(zombie, output, (0, "k", "zombie"));
        var owner = Producer(id);
        Assert.Throws<LogFencedException>(() => zombie.Commit(member, [new PartitionOffset(source, record.Offset + 1)]));
        Assert.Null(Log.Committed(group, source));
        Send(owner, output, (0, "k", "owner"));
        owner.Commit(member, [new PartitionOffset(source, record.Offset + 1)]);
        Assert.Equal("owner", Assert.Single(ReadAll(output)).Value);
        Assert.Throws<LogFencedException>(() =>
        {
            Send(zombie, output, (0, "k", "zombie"));
            zombie.Commit(null, []);
        });
    }

    [Fact]
    public void Producers_of_different_ids_do_not_disturb_each_other()
    {
        var topic = Topic();
        ILogProducer first = Producer(), second = Producer();
        Send(first, topic, (0, "k", "first"));
        Send(second, topic, (0, "k", "second"));
        first.Commit(null, []);
        second.Commit(null, []);
        Assert.Equal(["first", "second"], ReadAll(topic).Select(record => record.Value).Order());
    }

    [Fact]
    public void After_an_unknown_outcome_a_new_producer_makes_it_known()
    {
        string input = Topic(), output = Topic(), group = Name("group"), id = Name("producer");
        var source = new TopicPartition(input, 0);
        Write(input, (0, "k", "1"), (0, "k", "2"));
        var member = Member(group, "m", input);
        var seen = Take(member, 2);

        // A commit whose answer nobody heard: it took place.
        var done = Producer(id);
        Send(done, output, (0, "k", "1"));
        done.Commit(member, [new PartitionOffset(source, seen[0].Offset + 1)]);
        var undone = Producer(id);
        Assert.Equal(seen[0].Offset + 1, Log.Committed(group, source));

        // One that never took place, and can no longer do so once the next producer is open.
        Send(undone, output, (0, "k", "2"));
        var last = Producer(id);
        Assert.Equal(seen[0].Offset + 1, Log.Committed(group, source));
        Assert.Throws<LogFencedException>(() => undone.Commit(member, [new PartitionOffset(source, seen[1].Offset + 1)]));
        Assert.Equal(seen[0].Offset + 1, Log.Committed(group, source));
        Send(last, output, (0, "k", "2 again"));
        last.Commit(member, [new PartitionOffset(source, seen[1].Offset + 1)]);
        Assert.Equal(["1", "2 again"], ReadAll(output).Select(record => record.Value));
    }
}
