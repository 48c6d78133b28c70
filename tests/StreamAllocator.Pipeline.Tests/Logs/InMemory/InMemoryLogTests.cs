using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Pipeline.Tests.Logs.InMemory;

public sealed class InMemoryLogTests
{
    private static readonly TopicPartition Source = new("topic", 0);

    [Fact]
    public void A_tap_sees_each_committed_record_in_order_and_nobody_keeps_it()
    {
        using var log = Create(new InMemoryLogOptions());
        var seen = new List<(long Offset, byte Value)>();
        log.Tap("topic", (source, in record) =>
        {
            Assert.Equal(Source, source);
            seen.Add((record.Offset, record.Value[0]));
        });
        using var producer = log.OpenProducer("p");
        Send(producer, 1);
        producer.Abort();
        Send(producer, 2);
        Send(producer, 3);
        producer.Commit(null, []);
        Send(producer, 4);
        producer.Commit(null, []);
        Assert.Equal([(0, 2), (1, 3), (2, 4)], seen);
        Assert.Equal((3, 3), (log.BeginOffset(Source), log.EndOffset(Source)));
    }

    [Fact]
    public void A_tapped_topic_that_a_group_reads_is_kept()
    {
        using var log = Create(new InMemoryLogOptions());
        var seen = 0;
        log.Tap("topic", (_, in _) => seen++);
        using var member = log.Join("group", "m", ["topic"]);
        using var producer = log.OpenProducer("p");
        Send(producer, 7);
        producer.Commit(null, []);
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.AssignmentChanged, member.Poll(batch, 10, TimeSpan.Zero));
        Assert.Equal(PollOutcome.Records, member.Poll(batch, 10, TimeSpan.Zero));
        Assert.Equal(7, batch[0].Value[0]);
        Assert.Equal(1, seen);
    }

    [Fact]
    public void Consumed_records_are_dropped_once_every_group_is_past_them()
    {
        using var log = Create(new InMemoryLogOptions { DropConsumed = true });
        using var fast = log.Join("fast", "m", ["topic"]);
        using var slow = log.Join("slow", "m", ["topic"]);
        using var producer = log.OpenProducer("p");
        for (var i = 0; i < 40; i++)
        {
            Send(producer, 1, 50_000);
            producer.Commit(null, []);
        }

        Consume(fast, producer, 40);
        Assert.Equal(0, log.BeginOffset(Source));
        Consume(slow, producer, 20);
        Assert.InRange(log.BeginOffset(Source), 10, 20);
        using var late = log.Join("late", "m", ["topic"]);
        Consume(late, producer, 1);
        Assert.InRange(log.Committed("late", Source)!.Value, 11, 21);
    }

    [Fact]
    public void Memory_stays_flat_in_a_long_replay()
    {
        using var log = Create(new InMemoryLogOptions { DropConsumed = true });
        using var member = log.Join("group", "m", ["topic"]);
        using var producer = log.OpenProducer("p");
        for (var i = 0; i < 1000; i++)
        {
            Send(producer, 1, 50_000);
            producer.Commit(null, []);
            Consume(member, producer, 1);
            Assert.True(log.ByteCount < 1 << 20, $"{log.ByteCount} bytes are held after {i + 1} records of 50 kB");
        }
    }

    [Fact]
    public void Appending_and_polling_allocate_nothing_per_record()
    {
        const int Commits = 200, PerCommit = 500;
        using var log = Create(new InMemoryLogOptions { DropConsumed = true });
        using var member = log.Join("group", "m", ["topic"]);
        using var producer = log.OpenProducer("p");
        using var outputs = new OutputBatch();
        using var batch = new RecordBatch();
        var offsets = new PartitionOffset[1];
        for (var i = 0; i < PerCommit; i++)
            outputs.Append(Source, new EventTime(i), "key"u8, default, "some value"u8);
        Turn(50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(Commits);
        var perRecord = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Commits * PerCommit);

        // What is left is a segment's object per 256 KiB and a few per commit.
        Assert.True(perRecord < 2, $"{perRecord:0.00} bytes were allocated per record");

        void Turn(int commits)
        {
            for (var i = 0; i < commits; i++)
            {
                producer.Send(outputs);
                producer.Commit(null, []);
                while (member.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
                {
                    offsets[0] = new PartitionOffset(Source, batch[batch.Count - 1].Offset + 1);
                    producer.Commit(member, offsets);
                }
            }
        }
    }

    [Fact]
    public void An_evicted_member_cannot_commit_and_joins_anew_by_polling()
    {
        using var log = Create(new InMemoryLogOptions());
        using var member = log.Join("group", "m", ["topic"]);
        using var producer = log.OpenProducer("p");
        using var batch = new RecordBatch();
        Send(producer, 1);
        producer.Commit(null, []);
        Assert.Equal(PollOutcome.AssignmentChanged, member.Poll(batch, 10, TimeSpan.Zero));
        Assert.Equal(PollOutcome.Records, member.Poll(batch, 10, TimeSpan.Zero));
        log.Evict(member);
        Assert.Throws<LogFencedException>(() => producer.Commit(member, [new PartitionOffset(Source, 1)]));
        Assert.Equal(PollOutcome.AssignmentChanged, member.Poll(batch, 10, TimeSpan.Zero));
        Assert.Empty(member.Assignment);
        Assert.Equal(PollOutcome.AssignmentChanged, member.Poll(batch, 10, TimeSpan.Zero));
        Assert.Equal([Source], member.Assignment);
        Assert.Equal(PollOutcome.Records, member.Poll(batch, 10, TimeSpan.Zero));
        Assert.Equal(0, batch[0].Offset);
    }

    private static InMemoryLog Create(InMemoryLogOptions options)
    {
        var log = new InMemoryLog(options);
        log.CreateTopics([new TopicSpec("topic", 1)]);
        return log;
    }

    private static void Send(ILogProducer producer, byte value, int bytes = 1)
    {
        using var outputs = new OutputBatch();
        var filled = new byte[bytes];
        filled[0] = value;
        outputs.Append(Source, new EventTime(1), "k"u8, default, filled);
        producer.Send(outputs);
    }

    private static void Consume(ILogConsumer member, ILogProducer producer, int count)
    {
        using var batch = new RecordBatch();
        for (var consumed = 0; consumed < count;)
        {
            if (member.Poll(batch, count - consumed, TimeSpan.Zero) != PollOutcome.Records)
                continue;
            consumed += batch.Count;
            producer.Commit(member, [new PartitionOffset(Source, batch[batch.Count - 1].Offset + 1)]);
        }
    }
}
