using System.Text;
using Google.Protobuf;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Wire;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Simulation.Tests;

/// <summary>
/// Live after an outage: three partitions of telemetry, one without a record and two with a backlog, of which two processes read one far faster than the other.
/// <code>
///   slow  ├──────────── 30 windows ────────────┤ now
///   fast  ├──────────── 30, or 12 ─────────────┤
///   empty                                      │
/// </code>
/// </summary>
public sealed class PaceTests : IDisposable
{
    private const int Windows = 30;

    // The group takes the first of its partitions from the first member for the second; the last one stays empty.
    private const int Slow = 0;
    private const int Fast = 1;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly EventTime Now = new(1_754_000_100_000);

    private readonly Topics _topics = new();
    private readonly InMemoryLog _log = new();
    private readonly SteppedClock _clock = new(Now);
    private readonly Dictionary<int, string> _vmOf = new();
    private readonly Roles _roles;
    private readonly List<Shard> _shards = [];
    private Shard _fast = null!;
    private Shard _slow = null!;

    public PaceTests()
    {
        var options = new AllocatorOptions { VmPartitions = 2, PoolPartitions = 3 };
        _roles = new Roles(options, _topics);
        _log.CreateTopics(_topics.All(options.VmPartitions, options.PoolPartitions, keepAll: true));
        for (var vm = 0; _vmOf.Count < options.PoolPartitions; vm++)
            _vmOf.TryAdd(StableHash.Partition($"vm-{vm}", options.PoolPartitions), $"vm-{vm}");
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
        _log.Dispose();
    }

    [Theory]
    [InlineData(Windows, Windows)]
    [InlineData(Windows, 12)]
    [InlineData(12, Windows)]
    public void A_backlog_that_is_read_faster_than_another_makes_nothing_late(int ofSlow, int ofFast)
    {
        Publish(ofSlow, ofFast);
        Start(Telemetry());

        Until(() => ReadUp(_log), "all is read");

        Assert.Equal((0, 0), Refused());
        Assert.Equal(Expected(ofSlow), Known(_vmOf[Slow]));
        Assert.Equal(Expected(ofFast), Known(_vmOf[Fast]));
    }

    [Fact]
    public void Without_a_pace_the_same_backlogs_lose_samples()
    {
        Publish(Windows, Windows);
        Start(Telemetry() with { Pace = null });

        Until(() => ReadUp(_log), "all is read");

        Assert.NotEqual((0, 0), Refused());
    }

    [Fact]
    public void A_process_that_comes_back_within_the_backlog_keeps_the_pace()
    {
        Publish(Windows, Windows);
        var role = Telemetry();
        Start(role);
        Until(() => _slow.Reached > Now - Windows / 2 * Window, "half is read");
        _fast.Dispose();
        _shards.Remove(_fast);
        _shards.Add(_fast = Open(role, "fast", 1000));

        Until(() => ReadUp(_log), "all is read");

        Assert.Equal((0, 0), Refused());
    }

    [Fact]
    public void Nobody_waits_for_a_process_that_has_stopped_moving()
    {
        Publish(Windows, Windows);
        Start(Telemetry());
        Until(() => _slow.Reached > Now - Windows / 2 * Window, "half is read");
        var stuck = _slow.Reached;

        Until(() => _fast.Reached > Now - Window, "the fast one is at the clock", alsoSlow: false);

        Assert.Equal(stuck, _slow.Reached);
        Until(() => ReadUp(_log), "the slow one is back and has read all");
    }

    /// <summary>Windows of which the VM has all samples, from the first.</summary>
    private static IEnumerable<(EventTime, uint)> Expected(int windows) =>
        Enumerable.Range(0, windows).Select(window => (Now - (windows - window) * Window, 5u));

    private void Publish(int ofSlow, int ofFast)
    {
        using var outputs = new OutputBatch();
        foreach (var vm in _vmOf.Values)
        {
            var spec = PublishedTrace.Fleet.Vms[0] with { VmId = vm };
            PublishedTrace.Put(outputs, _topics.Vms, vm, SchemaHeaders.VmSpec, Now, PublishedTrace.Encode(spec));
        }

        for (var minute = -5 * Windows; minute < 0; minute++)
        {
            if (minute >= -5 * ofSlow)
                Publish(outputs, Slow, minute);
            if (minute >= -5 * ofFast)
                Publish(outputs, Fast, minute);
        }

        PublishedTrace.Commit(_log, outputs);
    }

    /// <summary>Dated when they were published, as records of agents are that were offline.</summary>
    private void Publish(OutputBatch outputs, int partition, int minute)
    {
        var time = Now + TimeSpan.FromMinutes(minute);
        var message = new Wire.Telemetry { Samples = { new Wire.UsageSample { VmId = _vmOf[partition], EventTimeMs = time.UnixMilliseconds, CpuCores = 1 } } };
        outputs.Append(new TopicPartition(_topics.Telemetry, partition), Now, Encoding.UTF8.GetBytes(_vmOf[partition]), SchemaHeaders.Telemetry, message.ToByteArray());
    }

    private Role Telemetry() => _roles.LiveIngest() with { Topics = [_topics.Telemetry], First = [] };

    private void Start(Role ingest)
    {
        _shards.Add(Open(_roles.LiveIngest() with { Group = "inventory", Topics = [_topics.Vms] }, "inventory", 1000));
        _shards.Add(_fast = Open(ingest, "fast", 1000));
        _shards.Add(_slow = Open(ingest, "slow", 4));
        _shards.Add(Open(_roles.Predict(), "predict", 1000));
    }

    private Shard Open(Role role, string name, int batchSize) =>
        new(_log, role, name, new ShardOptions { BatchSize = batchSize, PollWait = TimeSpan.Zero }, null, _clock);

    /// <summary>The slow one has a turn where the others have ten.</summary>
    private void Until(Func<bool> condition, string what, bool alsoSlow = true)
    {
        for (var turn = 0; !condition(); turn++)
        {
            Assert.True(turn < 20_000, $"{turn} turns until {what}: slow {_slow.Reached}, fast {_fast.Reached}");
            _clock.Now += TimeSpan.FromMilliseconds(100);
            foreach (var shard in _shards)
            {
                if (shard != _slow || alsoSlow && turn % 10 == 0)
                    shard.RunOnce();
            }
        }
    }

    private bool ReadUp(InMemoryLog log) =>
        _slow.Reached > Now && _fast.Reached > Now
        && Enumerable.Range(0, 2).All(partition => log.Committed("predict", new TopicPartition(_topics.VmInputs, partition)) == log.EndOffset(new TopicPartition(_topics.VmInputs, partition)));

    private (long Late, long Dead) Refused() =>
        (_log.EndOffset(new TopicPartition(_topics.Late, 0)), _log.EndOffset(new TopicPartition(_topics.DeadLetter, 0)));

    private List<(EventTime Start, uint Samples)> Known(string vm)
    {
        using var reader = _log.Read([new TopicPartition(_topics.Features, 0), new TopicPartition(_topics.Features, 1)]);
        using var batch = new RecordBatch();
        var known = new List<(EventTime, uint)>();
        while (reader.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var index = 0; index < batch.Count; index++)
            {
                var features = Wire.Features.Parser.ParseFrom(batch[index].Value);
                if (features.VmId == vm && features.Count[0] > 0)
                    known.Add((new EventTime(features.StartMs), (uint)features.Count[0]));
            }
        }

        return known;
    }
}
