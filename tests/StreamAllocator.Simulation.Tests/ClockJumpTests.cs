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

/// <summary>Live, in event time: the allocator's clock is an hour off for twenty minutes, while the agents' clocks are right.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly EventTime Start = EventTime.StartOfWindow(5_846_667, Window);

    private readonly Topics _topics = new();
    private readonly InMemoryLog _log = new();
    private readonly SteppedClock _machine = new(Start);
    private readonly List<string> _reports = [];
    private readonly ILogProducer _agent;
    private readonly List<Shard> _shards;

    public ClockJumpTests()
    {
        var roles = new Roles(new AllocatorOptions { VmPartitions = 1, PoolPartitions = 1 }, _topics);
        _log.CreateTopics(_topics.All(1, 1, keepAll: true));
        _agent = _log.OpenProducer("agent");
        using var outputs = new OutputBatch();
        PublishedTrace.Put(outputs, _topics.Vms, "vm", SchemaHeaders.VmSpec, Start, PublishedTrace.Encode(PublishedTrace.Fleet.Vms[0] with { VmId = "vm", PoolId = "pool" }));
        Commit(outputs);
        var clock = new SteadyClock(_machine, _reports.Add);
        _shards = [.. new[] { roles.LiveIngest(), roles.Predict() }.Select(role => new Shard(_log, role, "shard", new ShardOptions { PollWait = TimeSpan.Zero }, null, clock))];
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
        _agent.Dispose();
        _log.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Every_sample_counts_and_every_window_closes_in_its_time(int hours)
    {
        RunTo(Start + 3 * Window);
        _machine.Skew = TimeSpan.FromHours(hours);
        RunTo(Start + 7 * Window);
        var closedWithin = Features().Count;
        _machine.Skew = TimeSpan.Zero;
        RunTo(Start + 9 * Window + TimeSpan.FromMinutes(1));

        // The first was over when the run began.
        Assert.InRange(closedWithin, 7, 8);
        Assert.Equal(Enumerable.Range(0, 10).Select(end => (Start + end * Window).UnixMilliseconds), Features().Select(features => features.EndMs));
        Assert.All(Features().Skip(1), features => Assert.Equal(30u, features.Count[0]));
        Assert.Equal((0, 0), (Count(_topics.Late), Count(_topics.DeadLetter)));
        Assert.Equal(2, _reports.Count);
    }

    /// <summary>A sample each ten seconds; every role has a turn each second.</summary>
    private void RunTo(EventTime end)
    {
        for (; _machine.Now < end; _machine.Now += TimeSpan.FromSeconds(1))
        {
            if (_machine.Now.UnixMilliseconds % 10_000 == 0)
                Publish(_machine.Now);
            foreach (var shard in _shards)
                shard.RunOnce();
        }
    }

    private void Publish(EventTime time)
    {
        var sample = new Wire.UsageSample { VmId = "vm", EventTimeMs = time.UnixMilliseconds, CpuCores = 0.5, CpuCoresAllocated = 2, MemoryGib = 1, MemoryGibAllocated = 4 };
        using var outputs = new OutputBatch();
        outputs.Append(
            new TopicPartition(_topics.Telemetry, 0), time, Encoding.UTF8.GetBytes("vm"), SchemaHeaders.Telemetry, new Wire.Telemetry { Samples = { sample } }.ToByteArray());
        Commit(outputs);
    }

    private void Commit(OutputBatch outputs)
    {
        _agent.Send(outputs);
        _agent.Commit(null, []);
    }

    private long Count(string topic) => _log.EndOffset(new TopicPartition(topic, 0));

    private List<Wire.Features> Features()
    {
        var features = new List<Wire.Features>();
        CommittedRecords.Read(_log, new TopicPartition(_topics.Features, 0), 0, (in record) =>
        {
            features.Add(Wire.Features.Parser.ParseFrom(record.Value));
            return true;
        });
        return features;
    }
}
