using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Demo;

/// <summary>A feed that ends at a time. Belongs to one thread.</summary>
internal sealed class EndingFeed(IDemandFeed feed, EventTime end) : IDemandFeed
{
    public bool Ended { get; private set; }

    public string VmId(int vm) => feed.VmId(vm);

    public void SkipTo(EventTime time) => feed.SkipTo(time);

    public bool TryRead(EventTime until, ref DemandSample sample)
    {
        if (feed.TryRead(until < end ? until : end, ref sample))
            return true;
        Ended = until >= end;
        return false;
    }

    public void Dispose() => feed.Dispose();
}
