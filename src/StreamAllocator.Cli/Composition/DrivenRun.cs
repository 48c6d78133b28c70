using StreamAllocator.Backtest.World;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// The whole allocator on a log of one process, driven by a world: each role by so many shards, all in turn on one thread. Ends when no shard
/// has anything to do: the world has ended, and all that came of it is committed.
/// </summary>
internal sealed class DrivenRun : IDisposable
{
    /// <summary>A shard's first polls may only take its partitions over; so many rounds without a record mean that there is none.</summary>
    private const int IdleRoundsAtTheEnd = 3;

    private readonly List<Shard> _shards = [];

    public DrivenRun(
        IEventLog log,
        Topics topics,
        AllocatorOptions options,
        Fleet fleet,
        Func<int, WorldTask> world,
        ulong seed,
        int shards,
        ShardOptions shardOptions,
        SnapshotFolder? snapshots)
    {
        new Genesis(log, topics, options).Write(fleet);
        var roles = new Roles(options, topics);
        var simulated = new SimulatedOptions { Seed = seed, Hosts = fleet.Hosts, Vms = fleet.Vms };
        foreach (var role in new[]
        {
            roles.World(world), roles.Ingest(), roles.Predict(), roles.Decide(), roles.Execute(_ => new SimulatedHypervisor(simulated), live: false),
        })
        {
            for (var shard = 0; shard < shards; shard++)
                _shards.Add(new Shard(log, role, $"shard-{shard}", shardOptions with { PollWait = TimeSpan.Zero }, snapshots));
        }
    }

    /// <summary>Runs until there is nothing left to do.</summary>
    public void Run(CancellationToken cancellation)
    {
        for (var idleRounds = 0; idleRounds < IdleRoundsAtTheEnd && !cancellation.IsCancellationRequested; idleRounds++)
        {
            foreach (var shard in _shards)
            {
                if (shard.RunOnce())
                    idleRounds = -1;
            }
        }

        foreach (var shard in _shards)
            shard.Drain();
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }
}
