using System.Buffers;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

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
    public void A_commit_takes_in_all_steps_since_the_last_and_a_poll_between_them_does_not_wait()
    {
        Write(5);
        var options = new ShardOptions { PollWait = TimeSpan.FromMinutes(1), BatchSize = 2 };
        using var shard = new Shard(_log, new Role("group", [Input.Topic], _ => new EchoTask(), "echo"), "shard", options);
        shard.Poll();
        while (shard.Poll())
            shard.Step();
        Assert.True(shard.WantsCommit);
        Assert.Null(_log.Committed("group", Input));

        shard.Commit();

        Assert.Equal(5, _log.Committed("group", Input));
        Assert.Equal(5, _log.EndOffset(Output));
    }

    [Fact]
    public void Large_outputs_want_their_commit_at_once()
    {
        using var producer = _log.OpenProducer("large");
        using var batch = new OutputBatch();
        for (var record = 0; record < 3; record++)
            batch.Append(Input, new EventTime(0), [], [], new byte[9 << 20]);
        producer.Send(batch);
        producer.Commit(null, []);
        using var shard = new Shard(_log, new Role("group", [Input.Topic], _ => new EchoTask(), "echo"), "shard", new ShardOptions { BatchSize = 1 });
        shard.Poll();
        Assert.True(shard.Poll());
        shard.Step();
        Assert.False(shard.WantsCommit);
        Assert.True(shard.Poll());
        shard.Step();

        Assert.True(shard.WantsCommit);

        shard.Commit();
        Assert.True(shard.Poll());
        Assert.False(shard.WantsCommit);
    }

    [Fact]
    public void What_a_lost_partition_has_not_committed_is_given_up_and_what_a_kept_one_has_not_is_committed()
    {
        using var log = new InMemoryLog(new InMemoryLogOptions());
        log.CreateTopics([new TopicSpec(Input.Topic, 2), new TopicSpec(Output.Topic, 1)]);
        Write(log, Input, "0", 3);
        Write(log, new TopicPartition(Input.Topic, 1), "1", 3);
        var role = new Role("group", [Input.Topic], _ => new EchoTask(), "echo");
        var options = new ShardOptions { PollWait = TimeSpan.Zero };
        using var shard = new Shard(log, role, "a", options);
        for (var turn = 0; turn < 3; turn++)
        {
            shard.Poll();
            shard.Step();
        }

        using var other = new Shard(log, role, "b", options);
        for (var turn = 0; turn < 10; turn++)
        {
            other.RunOnce();
            shard.Poll();
            shard.Step();
        }

        shard.Commit();
        for (var turn = 0; turn < 3; turn++)
            other.RunOnce();

        Assert.Equal(["0", "0", "0", "1", "1", "1"], Keys(log, Output).Order());
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

    [Fact]
    public void Topics_that_come_first_are_read_up_before_the_others()
    {
        using var log = new InMemoryLog(new InMemoryLogOptions());
        log.CreateTopics([new TopicSpec(Input.Topic, 2), new TopicSpec("the-first", 1), new TopicSpec(Output.Topic, 1)]);
        Write(log, new TopicPartition(Input.Topic, 1), "sample", 5);
        Write(log, new TopicPartition("the-first", 0), "vm", 5);
        var role = new Role("group", [Input.Topic, "the-first"], _ => new EchoTask(), "echo") { First = ["the-first"] };
        using var shard = new Shard(log, role, "shard", new ShardOptions { PollWait = TimeSpan.Zero, BatchSize = 2 });

        for (var turn = 0; turn < 20; turn++)
            shard.RunOnce();

        Assert.Equal([.. Enumerable.Repeat("vm", 5), .. Enumerable.Repeat("sample", 5)], Keys(log, Output));
    }

    [Fact]
    public void A_partition_that_is_read_up_hears_the_clock_and_one_that_is_not_hears_none()
    {
        using var log = new InMemoryLog(new InMemoryLogOptions());
        log.CreateTopics([new TopicSpec(Input.Topic, 2), new TopicSpec(Output.Topic, 1)]);
        Write(log, Input, "sample", 3);
        var tasks = new Dictionary<int, EchoTask>();
        var role = new Role("group", [Input.Topic], partition => tasks[partition.Partition] = new EchoTask(), "echo");
        using var shard = new Shard(log, role, "shard", new ShardOptions { PollWait = TimeSpan.Zero, BatchSize = 2 }, null, new StridingClock());

        shard.RunOnce();
        shard.RunOnce();
        Assert.Equal((null, tasks[1].Now), (tasks[0].CaughtUpTo, tasks[1].CaughtUpTo));
        shard.RunOnce();
        Assert.Equal((tasks[0].Now, tasks[1].Now), (tasks[0].CaughtUpTo, tasks[1].CaughtUpTo));
    }

    [Fact]
    public void A_paced_partition_is_read_no_farther_than_the_lead_before_the_slowest_and_loses_nothing()
    {
        using var log = new InMemoryLog(new InMemoryLogOptions());
        log.CreateTopics([new TopicSpec(Input.Topic, 2), new TopicSpec(Output.Topic, 1)]);
        Write(log, Input, "0", 100);
        Write(log, new TopicPartition(Input.Topic, 1), "1", 100);
        var role = new Role("group", [Input.Topic], _ => new EchoTask(), "echo") { Pace = Pace };
        using var shard = new Shard(log, role, "shard", new ShardOptions { PollWait = TimeSpan.Zero, BatchSize = 60 }, null, new StridingClock());

        for (var turn = 0; turn < 200; turn++)
            shard.RunOnce();

        var (read, farthest) = (new int[2], 0);
        foreach (var key in Keys(log, Output).Where(key => key != "tick"))
        {
            read[int.Parse(key, null)]++;
            if (read.Max() < 100)
                farthest = Math.Max(farthest, Math.Abs(read[0] - read[1]));
        }

        Assert.Equal([100, 100], read);
        Assert.Equal(4, farthest);
    }

    [Fact]
    public void Live_the_time_that_a_snapshot_took_is_made_good_before_the_next()
    {
        using var log = Create();
        Write(log, Input, "key", 100);
        var clock = new TurningClock();
        var snapshots = new SlowSnapshots(clock);
        var options = new ShardOptions { PollWait = TimeSpan.Zero, BatchSize = 1, SnapshotEvery = 1, SnapshotShare = 0.1 };
        using var shard = new Shard(log, new Role("group", [Input.Topic], _ => new EchoTask(), "echo"), "shard", options, snapshots, clock);

        for (var turn = 0; turn < 100; turn++)
        {
            clock.Turn();
            shard.RunOnce();
        }

        // A snapshot takes two seconds, a turn one: 20 turns are between two of them.
        Assert.All(snapshots.Nexts.Zip(snapshots.Nexts.Skip(1)), pair => Assert.Equal(20, pair.Second - pair.First));
        Assert.Equal(5, snapshots.Nexts.Count);
    }

    [Theory]
    [InlineData(1.9, 1)]
    [InlineData(2, 2)]
    public void A_snapshot_that_an_orderly_stop_has_no_time_for_is_left_out(double seconds, int snapshotsTaken)
    {
        using var log = Create();
        Write(log, Input, "key", 100);
        var clock = new TurningClock();
        var snapshots = new SlowSnapshots(clock);
        var options = new ShardOptions { PollWait = TimeSpan.Zero, BatchSize = 60, SnapshotEvery = 60, FarewellSnapshots = TimeSpan.FromSeconds(seconds) };
        using var shard = new Shard(log, new Role("group", [Input.Topic], _ => new EchoTask(), "echo"), "shard", options, snapshots, clock);
        for (var turn = 0; turn < 3; turn++)
            shard.RunOnce();
        Assert.Equal([60], snapshots.Nexts);

        shard.Drain();

        Assert.Equal(snapshotsTaken, snapshots.Nexts.Count);
    }

    /// <summary>A window is a record, three are the lead.</summary>
    private static PaceOptions Pace => new()
    {
        Topic = Input.Topic,
        Ticks = Output,
        Source = TickSource.Ingest,
        Window = TimeSpan.FromMilliseconds(1),
        LeadWindows = 3,
        LagWindows = 6,
    };

    private static InMemoryLog Create(InMemoryFaults? faults = null)
    {
        var log = new InMemoryLog(new InMemoryLogOptions { Faults = faults });
        log.CreateTopics([new TopicSpec(Input.Topic, 1), new TopicSpec(Output.Topic, 1)]);
        return log;
    }

    private static Shard Open(InMemoryLog log, TimeProvider? clock = null) => new(
        log, new Role("group", [Input.Topic], _ => new EchoTask(), "echo"), "shard", new ShardOptions { PollWait = TimeSpan.Zero }, null, clock);

    private void Write(int records) => Write(_log, Input, "key", records);

    private static void Write(InMemoryLog log, TopicPartition target, string key, int records)
    {
        using var producer = log.OpenProducer("writer");
        using var outputs = new OutputBatch();
        for (var i = 0; i < records; i++)
            outputs.Append(target, new EventTime(i), Encoding.UTF8.GetBytes(key), [], "value"u8);
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    private static List<string> Keys(InMemoryLog log, TopicPartition source)
    {
        using var reader = log.Read([source]);
        using var batch = new RecordBatch();
        var keys = new List<string>();
        while (reader.Poll(batch, 100, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var index = 0; index < batch.Count; index++)
                keys.Add(Encoding.UTF8.GetString(batch[index].Key));
        }

        return keys;
    }

    /// <summary>Writes a record for each that it reads, and one for each time that it hears of.</summary>
    private sealed class EchoTask : IPacedTask
    {
        public EventTime Reached { get; private set; } = EventTime.Unknown;

        public EventTime Now { get; private set; }

        public EventTime? CaughtUpTo { get; private set; }

        public void Step(RecordBatch batch, OutputBatch outputs) => StepUpTo(new EventTime(long.MaxValue), batch, outputs);

        public int StepUpTo(EventTime limit, RecordBatch batch, OutputBatch outputs)
        {
            var folded = 0;
            for (; folded < batch.Count && Reached <= limit; folded++)
            {
                Reached = batch[folded].Time;
                outputs.Append(Output, batch[folded].Time, batch[folded].Key, [], batch[folded].Value);
            }

            return folded;
        }

        public void OnClock(EventTime now, EventTime? caughtUpTo, OutputBatch outputs)
        {
            (Now, CaughtUpTo) = (now, caughtUpTo);
            outputs.Append(Output, now, "tick"u8, [], []);
        }

        public void Save(IBufferWriter<byte> to)
        {
        }

        public void Load(ReadOnlySpan<byte> from)
        {
        }
    }

    /// <summary>An hour farther at each look.</summary>
    private sealed class StridingClock : TimeProvider
    {
        private int _looks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromHours(++_looks);
    }

    /// <summary>A second farther at each turn, and by what is done meanwhile.</summary>
    private sealed class TurningClock : TimeProvider
    {
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Turn(int seconds = 1) => _now += TimeSpan.FromSeconds(seconds);

        public override long GetTimestamp() => _now.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;
    }

    /// <summary>Each takes two seconds.</summary>
    private sealed class SlowSnapshots(TurningClock clock) : ISnapshots
    {
        public List<long> Nexts { get; } = [];

        public void Write(ILogProducer producer, string group, TopicPartition partition, long next, string fingerprint, Action<IBufferWriter<byte>> save)
        {
            clock.Turn(seconds: 2);
            Nexts.Add(next);
        }

        public Snapshot? Newest(string group, TopicPartition partition, string fingerprint, long committed) => null;
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1);
    }
}
