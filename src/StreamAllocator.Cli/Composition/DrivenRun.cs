using Microsoft.Extensions.Logging.Abstractions;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Streams;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// The whole allocator on a log of one process, driven by a world: each role by so many shards. Ends when no shard has anything to do: the
/// world has ended, and all that came of it is committed.
/// </summary>
internal sealed class DrivenRun
{
    private readonly IEventLog _log;
    private readonly Role[] _roles;
    private readonly int _shards;
    private readonly ShardOptions _shardOptions;
    private readonly ISnapshots? _snapshots;

    public DrivenRun(
        IEventLog log,
        Topics topics,
        AllocatorOptions options,
        Fleet fleet,
        Func<int, ITask> world,
        ulong seed,
        int shards,
        ShardOptions shardOptions,
        ISnapshots? snapshots,
        Stage until = Stage.Allocations,
        string name = "")
    {
        new Genesis(log, topics, options).Write(fleet, name);
        var roles = new Roles(options, topics);
        var simulated = new SimulatedOptions { Seed = seed, Hosts = fleet.Hosts, Vms = fleet.Vms };
        _log = log;
        _shards = shards;
        _shardOptions = shardOptions;
        _snapshots = snapshots;
        _roles =
        [
            roles.World(world),
            roles.Ingest(),
            .. until >= Stage.Features ? [roles.Predict()] : Array.Empty<Role>(),
            .. until >= Stage.Decisions ? [roles.Decide(), roles.Execute(_ => new SimulatedHypervisor(simulated), live: null)] : new[] { roles.Pacemaker() },
            .. options.Train ? [roles.Train(log)] : Array.Empty<Role>(),
        ];
    }

    /// <summary>Runs until there is nothing left to do: all shards in turn, on this thread.</summary>
    /// <param name="eachRound">Called after each shard has had its turn.</param>
    public void Run(CancellationToken cancellation, Action? eachRound = null)
    {
        var opened = new List<Shard>();
        try
        {
            foreach (var role in _roles)
            {
                for (var shard = 0; shard < _shards; shard++)
                    opened.Add(new Shard(_log, role, $"shard-{shard}", _shardOptions with { PollWait = TimeSpan.Zero }, _snapshots));
            }

            TakeTurns(opened, eachRound, cancellation);
        }
        finally
        {
            foreach (var shard in opened)
                shard.Dispose();
        }
    }

    /// <summary>The same with each shard as a graph on a thread of its own. A failure ends the run, as it does there.</summary>
    public async Task RunAsGraphs(CancellationToken cancellation)
    {
        // A log in memory frees what all its groups have read. Graphs join when they come to it, and must not find the beginning gone.
        foreach (var role in _roles.Where(_ => _log is InMemoryLog))
            _log.Join(role.Group, "first", role.Topics).Dispose();
        using var system = ShardThreads.CreateSystem();
        await using (var running = new RunningShards(
            system,
            [.. _roles.Select(role => new ShardedRole(role, _shards))],
            (role, name) => new Shard(_log, role, name, _shardOptions, _snapshots),
            new RunningShardsOptions { MaxRestarts = 0 },
            NullLogger.Instance))
        {
            await running.AllFolded(_log, cancellation);
        }

        await system.Terminate();
    }

    private void TakeTurns(List<Shard> shards, Action? eachRound, CancellationToken cancellation)
    {
        using var check = new FoldedCheck(_log, _roles.SelectMany(role => role.Topics.Select(topic => (role.Group, topic))));
        var polled = true;
        while ((polled || !check.IsFolded()) && !cancellation.IsCancellationRequested)
        {
            polled = false;
            foreach (var shard in shards)
                polled |= shard.RunOnce();
            eachRound?.Invoke();
        }

        foreach (var shard in shards)
            shard.Drain();
    }
}
