using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.World;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Composition;

/// <summary>The world of an open loop, a task for each pool partition: usage as it was recorded, once through.</summary>
/// <param name="feed">A feed of its own for each task.</param>
/// <param name="maxAhead">Heartbeats that it may be ahead of the executor.</param>
internal sealed class RecordedWorld(
    Topics topics, AllocatorOptions options, Fleet fleet, Func<IDemandFeed> feed, int maxAhead = RecordedWorld.OpenWindows)
{
    /// <summary>As far ahead as windows are kept open.</summary>
    private const int OpenWindows = 6;

    public RecordedWorld(Topics topics, AllocatorOptions options, Fleet fleet, TraceOptions trace)
        : this(topics, options, fleet, () => new RecordedFeed(TraceReader.Open(trace, _ => { })))
    {
    }

    public WorldTask Create(int partition) => new(fleet.World(topics, options, partition) with { MaxAhead = maxAhead }, feed());
}
