using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Workloads;

/// <summary>
/// Turns a trace into demand. A VM's size is the largest that the trace states; without one, the power of two (1 or more) of cores and
/// GiB that holds its largest demand, and 4 GiB per core where the trace has no memory. Memory: 20 bytes per VM and window.
/// </summary>
internal static class TraceDemand
{
    public static DemandTrace Read(TraceReader reader, ulong seed)
    {
        var vms = new List<Columns>();
        var first = 0L;
        var length = 0;
        while (reader.TryReadStep())
        {
            if (length == 0)
                first = reader.Window;
            length = (int)(reader.Window - first) + 1;
            foreach (ref readonly var row in reader.Rows)
            {
                while (vms.Count <= row.Vm)
                    vms.Add(new Columns());
                vms[row.Vm].Put(length - 1, row);
            }
        }

        var perDay = Math.Max(1, (int)(TimeSpan.FromDays(1) / reader.Options.Step));
        var period = length >= perDay ? length / perDay * perDay : length;
        var series = new List<DemandSeries>();
        for (var vm = 0; vm < vms.Count; vm++)
        {
            if (vms[vm].ToSeries(reader.Vms[vm], period) is { } known)
                series.Add(known);
        }

        if (series.Count == 0)
            throw new InvalidDataException($"{reader.Options.File}: no VM with CPU in its first {period} windows: expected one at least");
        var modelled = series.Any(vm => vm.MemoryGib is null || vm.Disk is null || vm.Network is null);
        return new DemandTrace(
            $"{Path.GetFileName(reader.Options.File)}{(modelled ? "; what it lacks of memory, disk and network: seeded workload model, not measured" : "")}",
            reader.Options.Step, first, seed, [.. series], new int[series.Count]);
    }

    /// <summary>What the rows of one VM state.</summary>
    private sealed class Columns
    {
        private readonly MeanColumn _cpu = new();
        private readonly MeanColumn _memory = new();
        private readonly MeanColumn _disk = new();
        private readonly MeanColumn _network = new();
        private readonly List<float> _cpuMax = [];
        private double _cores;
        private double _gib;

        public void Put(int window, in TraceRow row)
        {
            _cpu.Put(window, row.CpuCores);
            _memory.Put(window, row.MemoryGib);
            _disk.Put(window, row.DiskBytesPerSecond);
            _network.Put(window, row.NetworkBytesPerSecond);
            _cores = row.CpuCoresAllocated > _cores ? row.CpuCoresAllocated : _cores;
            _gib = row.MemoryGibAllocated > _gib ? row.MemoryGibAllocated : _gib;
            while (_cpuMax.Count <= window)
                _cpuMax.Add(float.NaN);
            var most = double.IsNaN(row.CpuCoresMax) ? row.CpuCores : row.CpuCoresMax;
            if (!(_cpuMax[window] >= most) && !double.IsNaN(most))
                _cpuMax[window] = (float)most;
        }

        public DemandSeries? ToSeries(string vmId, int period)
        {
            if (_cpu.Filled(period) is not { } cpu || DemandSeries.Filled(_cpuMax.ToArray(), period) is not { } cpuMax)
                return null;
            var memory = _memory.Filled(period);
            var cores = _cores > 0 ? _cores : PowerOfTwo(cpuMax.Max());
            var gib = _gib > 0 ? _gib : memory is null ? cores * AzureExcerpt.GibPerCore : PowerOfTwo(memory.Max());
            return new DemandSeries(vmId, new VmSize(cores, gib), cpu, cpuMax, memory, _disk.Filled(period), _network.Filled(period));
        }

        private static double PowerOfTwo(double atLeast)
        {
            var size = 1.0;
            while (size < atLeast)
                size *= 2;
            return size;
        }
    }

    /// <summary>The running mean of each window's known values.</summary>
    private sealed class MeanColumn
    {
        private readonly List<float> _means = [];
        private double _mean;
        private int _count;

        public void Put(int window, double value)
        {
            if (double.IsNaN(value))
                return;
            if (_means.Count <= window)
                _count = 0;
            while (_means.Count <= window)
                _means.Add(float.NaN);
            _mean = _count == 0 ? value : _mean + (value - _mean) / (_count + 1);
            _count++;
            _means[window] = (float)_mean;
        }

        public float[]? Filled(int period) => DemandSeries.Filled(_means.ToArray(), period);
    }
}
