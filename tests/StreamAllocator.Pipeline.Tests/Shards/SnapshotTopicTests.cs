using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Pipeline.Tests.Shards;

public sealed class SnapshotTopicTests : IDisposable
{
    private const string Topic = "snapshots";
    private const string Group = "predict";
    private static readonly TopicPartition Input = new("input", 3);

    private readonly InMemoryLog _log = new();
    private readonly ILogProducer _producer;
    private readonly SnapshotTopic _snapshots;

    public SnapshotTopicTests()
    {
        _log.CreateTopics([new TopicSpec(Topic, 1, CleanUp.Compact)]);
        _producer = _log.OpenProducer("shard-0");
        _snapshots = new SnapshotTopic(_log, Topic);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Another_process_finds_the_newest_that_is_not_beyond_the_committed_offset()
    {
        foreach (var next in new long[] { 100, 200, 300 })
            Write(_snapshots, _producer, Filled(next, 3 * SnapshotTopic.ChunkBytes));

        var elsewhere = new SnapshotTopic(_log, Topic);
        AssertSame(Filled(300, 3 * SnapshotTopic.ChunkBytes), elsewhere.Newest(Group, Input, "1", 300));
        AssertSame(Filled(200, 3 * SnapshotTopic.ChunkBytes), elsewhere.Newest(Group, Input, "1", 299));
        Assert.Null(elsewhere.Newest(Group, Input, "1", 99));
    }

    [Fact]
    public void Another_fingerprint_is_not_used()
    {
        Write(_snapshots, _producer, Filled(100, 10));
        Assert.Null(_snapshots.Newest(Group, Input, "2", 100));
    }

    [Fact]
    public void Tasks_in_the_same_partition_do_not_see_each_other()
    {
        Write(_snapshots, _producer, Filled(100, 10));
        Assert.Null(_snapshots.Newest(Group, Input with { Partition = 30 }, "1", 100));
        Assert.Null(_snapshots.Newest("decide", Input, "1", 100));
    }

    [Fact]
    public void A_writer_that_died_on_the_way_leaves_the_one_before()
    {
        var large = (SnapshotTopic.ChunksPerTransaction + 1) * SnapshotTopic.ChunkBytes;
        Write(_snapshots, _producer, Filled(100, large));
        Write(_snapshots, _producer, Filled(200, large));
        using var dying = new DyingProducer(_producer, commits: 1);
        Assert.Throws<LogException>(() => Write(_snapshots, dying, Filled(300, large)));

        AssertSame(Filled(200, large), new SnapshotTopic(_log, Topic).Newest(Group, Input, "1", 300));
    }

    [Fact]
    public void A_successor_does_not_overwrite_the_newest()
    {
        var large = (SnapshotTopic.ChunksPerTransaction + 1) * SnapshotTopic.ChunkBytes;
        Write(_snapshots, _producer, Filled(100, large));
        var successor = new SnapshotTopic(_log, Topic);
        Assert.Equal(100, successor.Newest(Group, Input, "1", 100)?.Next);
        using var dying = new DyingProducer(_producer, commits: 1);
        Assert.Throws<LogException>(() => Write(successor, dying, Filled(200, large)));

        Assert.Equal(100, new SnapshotTopic(_log, Topic).Newest(Group, Input, "1", 200)?.Next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SnapshotTopic.ChunkBytes - 60)]
    [InlineData(SnapshotTopic.ChunkBytes)]
    [InlineData(SnapshotTopic.ChunksPerTransaction * SnapshotTopic.ChunkBytes * 5)]
    public void A_state_of_any_size_comes_back(int bytes)
    {
        Write(_snapshots, _producer, Filled(1, bytes));
        AssertSame(Filled(1, bytes), new SnapshotTopic(_log, Topic).Newest(Group, Input, "1", 1));
    }

    [Fact]
    public void A_damaged_one_is_passed_over()
    {
        Write(_snapshots, _producer, Filled(100, 10));
        Write(_snapshots, _producer, Filled(200, 10));
        using var reader = _log.Read([new TopicPartition(Topic, 0)]);
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.Records, reader.Poll(batch, 10, TimeSpan.Zero));
        var newest = batch[batch.Count - 1];
        var damaged = newest.Value.ToArray();
        damaged[^1] ^= 1;
        using var outputs = new OutputBatch();
        outputs.Append(batch.Source, newest.Time, newest.Key, newest.Headers, damaged);
        _producer.Send(outputs);
        _producer.Commit(null, []);

        Assert.Equal(100, _snapshots.Newest(Group, Input, "1", 200)?.Next);
    }

    private static Snapshot Filled(long next, int length)
    {
        var random = SeededRandom.For((ulong)next, "state");
        var state = new byte[length];
        for (var i = 0; i < length; i += 97)
            state[i] = (byte)random.NextInt32(256);
        return new Snapshot(next, "1", state);
    }

    private static void Write(SnapshotTopic snapshots, ILogProducer producer, Snapshot snapshot) => snapshots.Write(
        producer, Group, Input, snapshot.Next, snapshot.Fingerprint, to => to.Write(snapshot.State.Span));

    private static void AssertSame(Snapshot expected, Snapshot? found)
    {
        Assert.NotNull(found);
        Assert.Equal(expected.Next, found.Next);
        Assert.True(expected.State.Span.SequenceEqual(found.State.Span));
    }

    /// <summary>Commits so often, then is gone.</summary>
    private sealed class DyingProducer(ILogProducer producer, int commits) : ILogProducer
    {
        private int _left = commits;

        public void Send(OutputBatch outputs) => producer.Send(outputs);

        public void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets)
        {
            if (_left-- == 0)
            {
                producer.Abort();
                throw new LogException("gone");
            }

            producer.Commit(consumer, offsets);
        }

        public void Abort() => producer.Abort();

        public void Dispose()
        {
        }
    }
}
