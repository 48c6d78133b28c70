using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Tests.Composition;

/// <summary>Some VMs whose usage waves with a noise of its own, a sample each per window.</summary>
internal sealed class WavingFeed(int vms, int windows, EventTime start) : IDemandFeed
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private int _window;
    private int _vm;

    public bool Ended => _window == windows;

    public static string IdOf(int vm) => FormattableString.Invariant($"vm-{vm}");

    public string VmId(int vm) => IdOf(vm);

    public void SkipTo(EventTime time)
    {
        while (!Ended && End(_window) <= time)
            (_window, _vm) = (_window + 1, 0);
    }

    public bool TryRead(EventTime until, ref DemandSample sample)
    {
        if (Ended || End(_window) > until)
            return false;
        var random = new SeededRandom(StableHash.Combine((ulong)_vm, (ulong)_window));
        var level = 1 + (0.3 * ExactMath.SinOfTurns(_window / 288.0)) + (0.4 * random.NextDouble());
        sample = new DemandSample
        {
            Vm = _vm,
            Time = End(_window) - TimeSpan.FromMilliseconds(1),
            Interval = Window,
            CpuCores = level,
            CpuCoresMax = level * 1.2,
            MemoryGib = 2 * level,
            DiskBytesPerSecond = 1000 * level,
            NetworkBytesPerSecond = 500 * level,
            CpuCoresAllocated = 4,
            MemoryGibAllocated = 16,
            Metric = double.NaN,
            MetricName = "",
        };
        if (++_vm == vms)
            (_window, _vm) = (_window + 1, 0);
        return true;
    }

    public void Dispose()
    {
    }

    private EventTime End(int window) => start + ((window + 1) * Window);
}
