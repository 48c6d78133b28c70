using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Workloads;

/// <summary>
/// The demand of a fleet at any window of event time: a trace that repeats after its period, completed by the workload model where it
/// lacks a resource. A pure function of (trace, seed, VM, window index), so that a restored simulation goes on alike.
/// </summary>
public sealed class DemandTrace
{
    private const int CopyShiftWindows = AzureExcerpt.WindowsPerDay + 37;

    private readonly DemandSeries[] _series;
    private readonly WorkloadModel[] _models;
    private readonly int[] _shifts;
    private readonly long _firstWindow;

    internal DemandTrace(string source, TimeSpan windowSize, long firstWindow, ulong seed, DemandSeries[] series, int[] shifts)
    {
        Source = source;
        WindowSize = windowSize;
        _firstWindow = firstWindow;
        _series = series;
        _shifts = shifts;
        Period = series[0].CpuCores.Length;
        var windowsPerDay = Math.Max(1, (int)(TimeSpan.FromDays(1) / windowSize));
        _models = [.. series.Select(vm => new WorkloadModel(seed, vm.VmId, vm.Provisioned, vm.CpuCores, windowsPerDay))];
    }

    /// <summary>Where the demand comes from and what of it is a model, for whoever shows it.</summary>
    public string Source { get; }

    public TimeSpan WindowSize { get; }

    /// <summary>Windows until the demand repeats: whole days where the trace has at least one.</summary>
    public int Period { get; }

    /// <summary>Index since the epoch of the trace's first window: a good start for event time.</summary>
    public long FirstWindow => _firstWindow;

    public int VmCount => _series.Length;

    public string VmId(int vm) => _series[vm].VmId;

    public VmSize Provisioned(int vm) => _series[vm].Provisioned;

    /// <summary>The Azure excerpt that ships with the project, 20 VMs; more are copies, each shifted by another day and 37 windows.</summary>
    /// <param name="vms">1 or more.</param>
    public static DemandTrace Azure(ulong seed, int vms = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vms, 1);
        var excerpt = AzureExcerpt.Load();
        var series = new DemandSeries[vms];
        var shifts = new int[vms];
        for (var vm = 0; vm < vms; vm++)
        {
            var copy = vm / excerpt.Count;
            var (name, average, maximum) = excerpt[vm % excerpt.Count];
            var id = copy == 0 ? name : FormattableString.Invariant($"{name}-copy{copy}");
            var size = AzureExcerpt.SizeOf(id);
            var cpu = Array.ConvertAll(average, percent => (float)(percent / 100 * size.CpuCores));
            var most = Array.ConvertAll(maximum, percent => (float)(percent / 100 * size.CpuCores));
            series[vm] = new DemandSeries(id, size, cpu, most, null, null, null);
            shifts[vm] = (int)((long)copy * CopyShiftWindows % average.Length);
        }

        return new DemandTrace(
            $"{AzureExcerpt.Attribution}; memory, disk and network: seeded workload model, not measured",
            TimeSpan.FromMinutes(5), AzureExcerpt.FirstWindow, seed, series, shifts);
    }

    /// <summary>Any trace: every VM that states CPU. A missing window has the value of the one before it.</summary>
    /// <exception cref="InvalidDataException">No VM of the trace has CPU.</exception>
    public static DemandTrace Read(TraceReader reader, ulong seed) => TraceDemand.Read(reader, seed);

    public Demand At(int vm, long window)
    {
        var series = _series[vm];
        var offset = window - _firstWindow + _shifts[vm];
        var position = (int)(offset - EventTime.FloorDiv(offset, Period) * Period);
        double cpu = series.CpuCores[position];
        var share = cpu / series.Provisioned.CpuCores;
        var model = _models[vm];
        return new Demand(
            cpu,
            Math.Max(cpu, series.CpuCoresMax[position]),
            series.MemoryGib?[position] ?? model.MemoryGib(window, position),
            series.Disk?[position] ?? model.DiskBytesPerSecond(window, share),
            series.Network?[position] ?? model.NetworkBytesPerSecond(window, share));
    }
}
