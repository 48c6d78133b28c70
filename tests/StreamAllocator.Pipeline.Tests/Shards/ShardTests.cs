using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Pipeline.Tests.Shards;

public sealed class ShardTests : IDisposable
{
    private static readonly TopicPartition Input = new("input", 0);
    private static readonly TopicPartition Output = new("output", 0);

    private readonly InMemoryLog _log = Create();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Drain_commits_what_was_stepped()
    {
        Write(3);
        using var shard = Open(_log);
        shard.Poll();
        Assert.True(shard.Poll());
        shard.Step();
        Assert.Null(_log.Committed("group", Input));

        shard.Drain();

        Assert.Equal(3, _log.Committed("group", Input));
        Assert.Equal(3, _log.EndOffset(Output));
    }

    [Fact]
    public void Batch_that_was_polled_but_not_stepped_is_given_up_by_a_drain()
    {
        Write(3);
        using (var shard = Open(_log))
        {
            shard.Poll();
            Assert.True(shard.Poll());
            shard.Drain();
        }

        using var next = Open(_log);
        next.RunOnce();
        Assert.True(next.RunOnce());
        Assert.Equal(3, _log.EndOffset(Output));
    }

    [Fact]
    public void Tick_of_a_shard_that_lost_its_partition_meanwhile_is_fenced()
    {
        using var log = Create(new InMemoryFaults { EvictionAtCommit = 1 });
        using var shard = Open(log, new FixedClock());

        Assert.Throws<LogFencedException>(() => shard.RunOnce());
        Assert.Equal(0, log.EndOffset(Output));
    }

    private static InMemoryLog Create(InMemoryFaults? faults = null)
    {
        var log = new InMemoryLog(new InMemoryLogOptions { Faults = faults });
        log.CreateTopics([new TopicSpec(Input.Topic, 1), new TopicSpec(Output.Topic, 1)]);
        return log;
    }

    private static Shard Open(InMemoryLog log, TimeProvider? clock = null) => new(
        log, new Role("group", [Input.Topic], _ => new EchoTask(), "echo"), "shard", new ShardOptions { PollWait = TimeSpan.Zero }, null, clock);

    private void Write(int records)
    {
        using var producer = _log.OpenProducer("writer");
        using var outputs = new OutputBatch();
        for (var i = 0; i < records; i++)
            outputs.Append(Input, new EventTime(i), "key"u8, [], "value"u8);
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    /// <summary>Writes a record for each that it reads, and one for each time that it hears of.</summary>
    private sealed class EchoTask : IClockedTask
    {
        public void Step(RecordBatch batch, OutputBatch outputs)
        {
            for (var i = 0; i < batch.Count; i++)
                outputs.Append(Output, batch[i].Time, batch[i].Key, [], batch[i].Value);
        }

        public void OnClock(EventTime now, bool caughtUp, OutputBatch outputs) => outputs.Append(Output, now, "tick"u8, [], []);

        public void Save(IBufferWriter<byte> to)
        {
        }

        public void Load(ReadOnlySpan<byte> from)
        {
        }
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1);
    }
}
