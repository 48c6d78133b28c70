using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Workloads;

/// <summary>
/// Memory, disk and network of one VM, driven by its CPU demand: a seeded model where no trace has them (constants and formulas in the
/// README beside this file). A value is a function of (seed, VM, resource, window index) alone: no state, so a restored run goes on alike.
/// </summary>
internal sealed class WorkloadModel
{
    private const double Kib = 1024;
    private const double Mib = 1024 * 1024;
    private const ulong DrawsPerWindow = 64;
    private const double FollowHalfLifeHours = 3;
    private const double RampHours = 0.5;
    private const double MostDisk = 400 * Mib;

    private readonly VmSize _size;
    private readonly int _windowsPerDay;
    private readonly ulong _key;
    private readonly float[] _followed;
    private readonly double _memoryBase;
    private readonly double _memorySlope;
    private readonly double _plateau;
    private readonly double _workStartHour;
    private readonly double _workHours;
    private readonly double _diskSilence;
    private readonly int _backupStart;
    private readonly int _backupWindows;
    private readonly double _networkRate;

    /// <param name="cpuCores">One period of the VM's CPU demand.</param>
    public WorkloadModel(ulong seed, string vmId, VmSize size, ReadOnlySpan<float> cpuCores, int windowsPerDay)
    {
        _size = size;
        _windowsPerDay = windowsPerDay;
        _key = StableHash.Combine(seed, StableHash.Of(vmId));
        _followed = Follow(cpuCores, size.CpuCores, windowsPerDay);
        var shape = new SeededRandom(_key);
        _memoryBase = 0.20 + 0.20 * shape.NextDouble();
        _memorySlope = 0.4 + 0.6 * shape.NextDouble();
        _plateau = 0.05 + 0.10 * shape.NextDouble();
        _workStartHour = 6 + 4 * shape.NextDouble();
        _workHours = 8 + 4 * shape.NextDouble();
        _diskSilence = 0.3 + 0.4 * shape.NextDouble();
        _backupStart = shape.NextInt32(Math.Max(1, windowsPerDay / 4));
        _backupWindows = 2 + shape.NextInt32(3);
        _networkRate = 4 * Mib * ExactMath.Exp(0.7 * shape.NextNormal());
    }

    /// <param name="position">Index within the period of the CPU demand.</param>
    public double MemoryGib(long window, int position)
    {
        var random = Random(Resource.Memory, window);
        var share = _memoryBase + _memorySlope * _followed[position] + _plateau * AtWork(window) + 0.004 * random.NextNormal();
        return _size.MemoryGib * Math.Clamp(share, 0.02, 0.97);
    }

    /// <param name="cpuShare">CPU demand over cores.</param>
    public double DiskBytesPerSecond(long window, double cpuShare)
    {
        var random = Random(Resource.Disk, window);
        var kind = random.NextDouble();
        var sinceBackup = WindowOfDay(window) - _backupStart;
        var bytes = sinceBackup >= 0 && sinceBackup < _backupWindows ? 40 * Mib * LogNormal(ref random, 0.2)
            : kind < 0.02 + 0.08 * cpuShare ? 8 * Mib * LogNormal(ref random, 0.8)
            : random.NextDouble() < _diskSilence ? 0
            : 64 * Kib * (0.5 + 3 * cpuShare) * LogNormal(ref random, 1);
        return Math.Min(bytes, MostDisk);
    }

    public double NetworkBytesPerSecond(long window, double cpuShare)
    {
        var random = Random(Resource.Network, window);
        return 2 * Kib + cpuShare * _networkRate * LogNormal(ref random, 0.3);
    }

    private SeededRandom Random(Resource resource, long window) =>
        new(StableHash.Combine(_key, (ulong)resource), unchecked((ulong)window * DrawsPerWindow));

    private static double LogNormal(ref SeededRandom random, double deviation) => ExactMath.Exp(deviation * random.NextNormal());

    private int WindowOfDay(long window) => (int)(window - EventTime.FloorDiv(window, _windowsPerDay) * _windowsPerDay);

    /// <summary>0 outside the working hours of Monday to Friday, 1 within, linear over the ramp at both ends.</summary>
    private double AtWork(long window)
    {
        var day = EventTime.FloorDiv(window, _windowsPerDay);
        var weekday = day + 3 - EventTime.FloorDiv(day + 3, 7) * 7; // 1970-01-01 was a Thursday; 0 is Monday
        if (weekday >= 5)
            return 0;
        var hour = WindowOfDay(window) * 24.0 / _windowsPerDay;
        var fromEnds = Math.Min(hour - _workStartHour, _workStartHour + _workHours - hour);
        return Math.Clamp(fromEnds / RampHours, 0, 1);
    }

    /// <summary>Exponential smoothing of the CPU share, run twice round the period so that its end meets its start.</summary>
    private static float[] Follow(ReadOnlySpan<float> cpuCores, double cores, int windowsPerDay)
    {
        var halfLife = FollowHalfLifeHours * windowsPerDay / 24;
        var weight = 1 - ExactMath.Exp(ExactMath.Log(0.5) / halfLife);
        var followed = new float[cpuCores.Length];
        var level = cpuCores[0] / cores;
        for (var round = 0; round < 2; round++)
        {
            for (var window = 0; window < cpuCores.Length; window++)
            {
                level += weight * (cpuCores[window] / cores - level);
                followed[window] = (float)level;
            }
        }

        return followed;
    }
}
