using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.World;

/// <summary>
/// The demand of a trace that repeats for ever, a sample per VM and window. A sample is dated a millisecond before the end of its window, so
/// that it falls into the half-open window that it describes.
/// </summary>
/// <param name="start">The first window is the one that holds this time.</param>
public sealed class RepeatingFeed(DemandTrace demand, EventTime start) : IDemandFeed
{
    private static readonly TimeSpan BeforeTheEnd = TimeSpan.FromMilliseconds(1);

    private long _window = start.WindowIndex(demand.WindowSize);
    private int _vm;

    public bool Ended => false;

    public string VmId(int vm) => demand.VmId(vm);

    public void SkipTo(EventTime time)
    {
        var first = time == EventTime.Unknown ? _window : time.WindowIndex(demand.WindowSize);
        if (first > _window)
            (_window, _vm) = (first, 0);
    }

    public bool TryRead(EventTime until, ref DemandSample sample)
    {
        var end = EventTime.StartOfWindow(_window + 1, demand.WindowSize);
        if (end > until)
            return false;
        var wanted = demand.At(_vm, _window);
        sample.Vm = _vm;
        sample.Time = end - BeforeTheEnd;
        sample.Interval = demand.WindowSize;
        sample.CpuCores = wanted.CpuCores;
        sample.CpuCoresMax = wanted.CpuCoresMax;
        sample.MemoryGib = wanted.MemoryGib;
        sample.DiskBytesPerSecond = wanted.DiskBytesPerSecond;
        sample.NetworkBytesPerSecond = wanted.NetworkBytesPerSecond;
        sample.CpuCoresAllocated = demand.Provisioned(_vm).CpuCores;
        sample.MemoryGibAllocated = demand.Provisioned(_vm).MemoryGib;
        sample.Metric = double.NaN;
        sample.MetricName = "";
        if (++_vm == demand.VmCount)
            (_window, _vm) = (_window + 1, 0);
        return true;
    }

    public void Dispose()
    {
    }
}
