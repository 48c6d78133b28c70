using System.Text;
using Google.Protobuf;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Wire;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Simulation.Tests;

/// <summary>
/// Live, in event time: a VM of two cores is idle for three windows, and a minute into the next it is at its allocation.
/// <code>
///   │──── 0.5 cores ────│──── 0.5 ────│──── 0.5 ────│─0.5─┐ 2 cores ───────────│
///                                                         └► command, read back │ end of the window
/// </code>
/// </summary>
public sealed class SaturationTests : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(10);
    private static readonly EventTime Start = EventTime.StartOfWindow(5_846_667, Window);
    private static readonly EventTime Surge = Start + 3 * Window + TimeSpan.FromMinutes(1);

    private readonly Topics _topics = new();
    private readonly InMemoryLog _log = new();
    private readonly SteppedClock _clock = new(Start);
    private readonly ILogProducer _agent;
    private readonly List<Shard> _shards = [];
    private readonly Role _execute;
    private readonly VmSpec _vm = PublishedTrace.Fleet.Vms[0] with
    {
        VmId = "vm",
        PoolId = "pool",
        Priority = Priority.Normal,
        Provisioned = new VmSize(2, 4),
        Lower = new VmSize(0.1, 0.1),
        Upper = new VmSize(16, 32),
    };

    public SaturationTests()
    {
        var roles = new Roles(new AllocatorOptions { VmPartitions = 1, PoolPartitions = 1 }, _topics);
        var host = PublishedTrace.Fleet.Hosts[0] with { HostId = "host", PoolId = "pool", Capacity = new VmSize(64, 256) };
        var simulated = new SimulatedOptions { Seed = 1, Hosts = [host], Vms = [_vm] };
        _log.CreateTopics(_topics.All(1, 1, keepAll: true));
        _agent = _log.OpenProducer("agent");
        using var outputs = new OutputBatch();
        PublishedTrace.Put(outputs, _topics.Vms, "vm", SchemaHeaders.VmSpec, Start, PublishedTrace.Encode(_vm));
        PublishedTrace.Put(outputs, _topics.Hosts, "host", SchemaHeaders.HostSpec, Start, PublishedTrace.Encode(host));
        Commit(outputs);
        _execute = roles.Execute(_ => new SimulatedHypervisor(simulated), live: _log);
        _shards.AddRange(new[] { roles.LiveIngest(), roles.Predict(), roles.Decide(), _execute }.Select(Open));
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
        _agent.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_VM_that_saturates_within_a_window_grows_before_the_window_ends_and_once_only()
    {
        RunTo(Start + 4 * Window - TimeSpan.FromSeconds(1));

        var command = Assert.Single(Commands());
        Assert.True(command.Target.CpuCores > 2, $"target {command.Target.CpuCores}");
        Assert.InRange(command.IssuedMs, Surge.UnixMilliseconds - 30_000, Surge.UnixMilliseconds + 30_000);
        Assert.InRange(_clock.Now.UnixMilliseconds - Surge.UnixMilliseconds, 0, (long)Window.TotalMilliseconds);
        Assert.Equal(command.Target.CpuCores, Allocated());
    }

    [Fact]
    public void Between_two_rounds_a_decision_is_recorded_only_where_something_changes()
    {
        RunTo(Start + 6 * Window);

        var ofWindow = Decisions().GroupBy(decision => new EventTime(decision.EventTimeMs).WindowIndex(Window) - Start.WindowIndex(Window)).ToDictionary(group => group.Key, group => group.ToList());
        Assert.All([1, 2], window => Assert.Single(ofWindow[window]));
        Assert.Equal([Wire.DecisionKind.Hold, Wire.DecisionKind.Up], ofWindow[3].Select(decision => decision.Kind));
        Assert.Equal(Wire.DecisionReason.Saturated, ofWindow[3][1].Reason);
        Assert.Single(ofWindow[4]);
    }

    [Fact]
    public void An_executor_that_dies_answers_no_command_twice_and_its_VMs_keep_their_size()
    {
        RunTo(Start + 4 * Window - TimeSpan.FromSeconds(1));
        var size = Allocated();
        _shards[^1].Dispose();
        _shards[^1] = Open(_execute);

        RunTo(Start + 4 * Window + TimeSpan.FromMinutes(1));

        var revisions = Read(_topics.Allocations, Wire.Allocation.Parser).Select(allocation => allocation.Revision);
        Assert.Equal(Commands().Select(command => command.Revision), revisions);
        Assert.True(size > 2, $"{size} cores");
        Assert.Equal(size, Allocated());
    }

    private Shard Open(Role role) => new(_log, role, "shard", new ShardOptions { PollWait = TimeSpan.Zero }, null, _clock);

    /// <summary>A sample each ten seconds, which tells the allocation of its time; every role has a turn each second.</summary>
    private void RunTo(EventTime end)
    {
        while (_clock.Now < end)
        {
            if (_clock.Now.UnixMilliseconds % (long)Sampling.TotalMilliseconds == 0)
                Publish(_clock.Now);
            foreach (var shard in _shards)
                shard.RunOnce();
            _clock.Now += TimeSpan.FromSeconds(1);
        }
    }

    private void Publish(EventTime time)
    {
        var message = new Wire.Telemetry
        {
            Samples =
            {
                new Wire.UsageSample
                {
                    VmId = "vm", EventTimeMs = time.UnixMilliseconds, CpuCores = time < Surge ? 0.5 : 2, CpuCoresAllocated = Allocated(), MemoryGib = 1, MemoryGibAllocated = 4,
                },
            },
        };
        using var outputs = new OutputBatch();
        outputs.Append(new TopicPartition(_topics.Telemetry, 0), time, Encoding.UTF8.GetBytes("vm"), SchemaHeaders.Telemetry, message.ToByteArray());
        Commit(outputs);
    }

    private double Allocated() => Read(_topics.Allocations, Wire.Allocation.Parser).LastOrDefault()?.Observed.CpuCores ?? 2;

    private List<Wire.ResizeCommand> Commands() => Read(_topics.Commands, Wire.ResizeCommand.Parser);

    private List<Wire.Decision> Decisions() => Read(_topics.Decisions, Wire.Decision.Parser);

    /// <summary>The records that have a key: ticks have none.</summary>
    private List<T> Read<T>(string topic, MessageParser<T> parser)
        where T : IMessage<T>
    {
        using var reader = _log.Read([new TopicPartition(topic, 0)]);
        using var batch = new RecordBatch();
        var found = new List<T>();
        while (reader.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var index = 0; index < batch.Count; index++)
            {
                if (batch[index].Key.Length > 0)
                    found.Add(parser.ParseFrom(batch[index].Value));
            }
        }

        return found;
    }

    private void Commit(OutputBatch outputs)
    {
        _agent.Send(outputs);
        _agent.Commit(null, []);
    }
}
