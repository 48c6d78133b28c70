using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>
/// Every window mean of a trace: what came true, for the scorer and the pinned baselines. NaN is missing. Memory: 16 bytes per VM and
/// window. A window is <c>floor(timestamp / size)</c> and its value the mean of its samples.
/// </summary>
public sealed class WindowTable
{
    private readonly List<float[]?> _series = [];
    private double[] _sums = [];
    private int[] _counts = [];

    private WindowTable(TimeSpan size, VmNames vms)
    {
        Size = size;
        Vms = vms;
    }

    public TimeSpan Size { get; }

    public VmNames Vms { get; }

    /// <summary>Index since the epoch of the first window that has a sample.</summary>
    public long FirstWindow { get; private set; }

    /// <summary>Number of windows, the last one with a sample included.</summary>
    public int Length { get; private set; }

    public static WindowTable Read(TraceReader reader)
    {
        var table = new WindowTable(reader.Options.Step, reader.Vms);
        while (reader.TryReadStep())
            table.Close(reader.Window, reader.Rows);
        for (var series = 0; series < table._series.Count; series++)
            table.Cut(series);
        return table;
    }

    /// <summary>One value a window from <see cref="FirstWindow"/> on; empty if the VM never had one.</summary>
    public ReadOnlyMemory<float> Series(int vm, Resource resource) => SeriesAt(vm, resource);

    /// <summary>NaN where it is missing or outside the trace.</summary>
    public float this[int vm, Resource resource, long window]
    {
        get
        {
            var series = SeriesAt(vm, resource);
            var index = window - FirstWindow;
            return index >= 0 && index < series.Length ? series[index] : float.NaN;
        }
    }

    private float[] SeriesAt(int vm, Resource resource)
    {
        var index = vm * Resources.Count + (int)resource;
        return index < _series.Count ? _series[index] ?? [] : [];
    }

    private void Close(long window, ReadOnlySpan<TraceRow> rows)
    {
        if (Length == 0)
            FirstWindow = window;
        Length = (int)(window - FirstWindow) + 1;
        while (_series.Count < Vms.Count * Resources.Count)
            _series.Add(null);
        if (_sums.Length < _series.Count)
        {
            Array.Resize(ref _sums, 2 * _series.Count);
            Array.Resize(ref _counts, 2 * _series.Count);
        }

        foreach (ref readonly var row in rows)
        {
            foreach (var resource in Resources.All)
            {
                var value = row[resource];
                if (double.IsNaN(value))
                    continue;
                var index = row.Vm * Resources.Count + (int)resource;
                _sums[index] += value;
                _counts[index]++;
            }
        }

        foreach (ref readonly var row in rows)
            CloseVm(row.Vm);
    }

    private void CloseVm(int vm)
    {
        foreach (var resource in Resources.All)
        {
            var index = vm * Resources.Count + (int)resource;
            if (_counts[index] == 0)
                continue;
            var series = _series[index] ?? [];
            if (series.Length < Length)
                _series[index] = series = Grown(series, Math.Max(Length, 2 * series.Length));
            series[Length - 1] = (float)(_sums[index] / _counts[index]);
            _sums[index] = 0;
            _counts[index] = 0;
        }
    }

    private void Cut(int series)
    {
        if (_series[series] is { } values)
            _series[series] = Grown(values, Length);
    }

    private static float[] Grown(float[] values, int length)
    {
        var grown = new float[length];
        var kept = Math.Min(values.Length, length);
        values.AsSpan(0, kept).CopyTo(grown);
        grown.AsSpan(kept).Fill(float.NaN);
        return grown;
    }
}
