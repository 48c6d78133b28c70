using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Backtest.World;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Demo;

/// <summary>The worlds of all pool partitions: a closed loop over one demand. Thread-safe.</summary>
internal sealed class Worlds(Topics topics, AllocatorOptions options, Fleet fleet, DemandTrace demand, int? windows)
{
    private readonly WorldTask?[] _worlds = new WorldTask?[options.PoolPartitions];

    /// <summary>No world will send anything more.</summary>
    public bool Ended => _worlds.All(world => world is { Ended: true });

    /// <summary>Of the whole fleet, as far as every world has come; null before all have begun.</summary>
    public WorldTotals? Totals
    {
        get
        {
            WorldTotals? sum = null;
            foreach (var world in _worlds)
            {
                if (world is null)
                    return null;
                sum = sum is null ? world.Totals : sum + world.Totals;
            }

            return sum;
        }
    }

    /// <summary>An empty world of a partition; it takes the place of the one before it, whose shard failed.</summary>
    public WorldTask Create(int partition)
    {
        IDemandFeed feed = new RepeatingFeed(demand, fleet.Start);
        if (windows is { } count)
            feed = new EndingFeed(feed, fleet.Start + count * demand.WindowSize);
        var world = new WorldTask(fleet.World(topics, options, partition) with { ClosedLoop = true }, feed);
        _worlds[partition] = world;
        return world;
    }
}
