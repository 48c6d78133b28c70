using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.World;

/// <summary>Samples as a test lists them, in order; a time step is a minute long.</summary>
internal sealed class ScriptedFeed(params DemandSample[] samples) : IDemandFeed
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    private int _next;

    public bool Ended => _next == samples.Length;

    public string VmId(int vm) => $"vm-{vm}";

    public void SkipTo(EventTime time)
    {
        while (!Ended && EndOfStep() <= time)
            _next++;
    }

    public bool TryRead(EventTime until, ref DemandSample sample)
    {
        if (Ended || EndOfStep() > until)
            return false;
        sample = samples[_next++];
        return true;
    }

    public void Dispose()
    {
    }

    public static DemandSample Sample(int vm, EventTime time, double cpuCores, double memoryGib = double.NaN) => new()
    {
        Vm = vm,
        Time = time,
        Interval = TimeSpan.FromMinutes(5),
        CpuCores = cpuCores,
        CpuCoresMax = cpuCores + 1,
        MemoryGib = memoryGib,
        DiskBytesPerSecond = double.NaN,
        NetworkBytesPerSecond = double.NaN,
        CpuCoresAllocated = 16,
        MemoryGibAllocated = double.NaN,
        Metric = double.NaN,
        MetricName = "",
    };

    private EventTime EndOfStep() => EventTime.StartOfWindow(samples[_next].Time.WindowIndex(Step) + 1, Step);
}
