using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Runs;

/// <summary>A feed at another time. Belongs to one thread.</summary>
internal sealed class ShiftedFeed(IDemandFeed feed, TimeSpan shift) : IDemandFeed
{
    public bool Ended => feed.Ended;

    public string VmId(int vm) => feed.VmId(vm);

    public void SkipTo(EventTime time) => feed.SkipTo(time == EventTime.Unknown ? time : time - shift);

    public bool TryRead(EventTime until, ref DemandSample sample)
    {
        if (!feed.TryRead(until - shift, ref sample))
            return false;
        sample.Time += shift;
        return true;
    }

    public void Dispose() => feed.Dispose();
}
