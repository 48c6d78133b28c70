using System.Buffers;
using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Demo;
using StreamAllocator.Domain;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Simulation.Tests;

/// <summary>
/// The demo's closed loop on one partition of each topic, in a log that keeps nothing that was read: what then grows, grows in the tasks. All
/// on one thread.
/// </summary>
internal sealed class LongDemo : IDisposable
{
    private const ulong Seed = 1;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly AllocatorOptions _options = AllocatorOptions.Driven("long") with { VmPartitions = 1, PoolPartitions = 1 };
    private readonly Topics _topics = new(Topics.ForRun("long"));
    private readonly InMemoryLog _log = new(new InMemoryLogOptions { DropConsumed = true });
    private readonly SortedDictionary<string, ITask> _tasks = new(StringComparer.Ordinal);
    private readonly List<Shard> _shards = [];
    private readonly Fleet _fleet;
    private EventTime _reached;

    public LongDemo(int vms, int days)
    {
        var demand = DemandTrace.Azure(Seed, vms);
        _fleet = Fleet.Of(
            Enumerable.Range(0, vms).Select(vm => (demand.VmId(vm), demand.Provisioned(vm))), pools: 1,
            EventTime.StartOfWindow(demand.FirstWindow, Window));
        _reached = _fleet.Start;
        _log.CreateTopics(_topics.All(vmPartitions: 1, poolPartitions: 1, keepAll: true));
        foreach (var topic in new[] { _topics.Features, _topics.ForecastErrors, _topics.Retraining, _topics.Allocations, _topics.Late, _topics.DeadLetter })
            _log.Tap(topic, static (_, in _) => { });
        _log.Tap(_topics.Forecasts, (_, in record) =>
        {
            Forecasts++;
            _reached = record.Time;
        });
        _log.Tap(_topics.Decisions, (_, in _) => Decisions++);

        new Genesis(_log, _topics, _options).Write(_fleet);
        var worlds = new Worlds(_topics, _options, _fleet, demand, days * 288);
        var simulated = new SimulatedOptions { Seed = Seed, Hosts = _fleet.Hosts, Vms = _fleet.Vms };
        var roles = new Roles(_options, _topics);
        foreach (var role in new[]
        {
            roles.World(worlds.Create), roles.Ingest(), roles.Predict(), roles.Decide(), roles.Execute(_ => new SimulatedHypervisor(simulated), live: null),
        })
        {
            _shards.Add(new Shard(_log, Remembering(role), "shard", new ShardOptions { PollWait = TimeSpan.Zero }));
        }
    }

    public long Forecasts { get; private set; }

    public long Decisions { get; private set; }

    /// <summary>Held by the log: it frees what was read in portions, so that this goes up and down.</summary>
    public long LogBytes => _log.ByteCount;

    /// <summary>Runs to the end of that day of event time, counted from the start, or to the end of the world.</summary>
    public void RunToDay(int day)
    {
        var end = _fleet.Start + TimeSpan.FromDays(day);
        for (var idleRounds = 0; idleRounds < 4 && _reached < end; idleRounds++)
        {
            foreach (var shard in _shards)
            {
                if (shard.RunOnce())
                    idleRounds = -1;
            }
        }

        if (_reached < end)
            throw new InvalidOperationException($"the world stands still at {_reached}, before {end}");
    }

    /// <summary>Bytes of each task's saved state, by role.</summary>
    public SortedDictionary<string, int> Saved()
    {
        var saved = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (role, task) in _tasks)
        {
            var state = new ArrayBufferWriter<byte>();
            task.Save(state);
            saved.Add(role, state.WrittenCount);
        }

        return saved;
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
        _log.Dispose();
    }

    private Role Remembering(Role role) => role with
    {
        Create = partition => _tasks[role.Group] = role.Create(partition),
    };
}
