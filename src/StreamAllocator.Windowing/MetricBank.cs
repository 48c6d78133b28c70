using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamAllocator.Windowing;

/// <summary>
/// Open windows of named application metrics (transactions per second, queue length), beside those of <see cref="WindowBank"/>, which decides
/// whether a sample is in time. Each VM has at most <see cref="MaxPerVm"/>, in the order in which they were first seen.
/// </summary>
public sealed class MetricBank
{
    /// <summary>An agent that invents names cannot fill the memory.</summary>
    public const int MaxPerVm = 8;

    private readonly List<Series> _series = [];
    private readonly List<List<int>> _ofRow = [];

    /// <summary>False where the VM has its share of metrics already and this is another one: the value is not kept, and the caller says so.</summary>
    public bool Observe(int row, long window, string name, float value)
    {
        while (_ofRow.Count <= row)
            _ofRow.Add([]);
        if (Find(row, name) is not { } series)
        {
            if (_ofRow[row].Count == MaxPerVm)
                return false;
            series = new Series(row, name);
            _ofRow[row].Add(_series.Count);
            _series.Add(series);
        }

        series.Windows[WindowBank.Slot(window)].Add(value, value);
        return true;
    }

    /// <summary>Takes the metrics of a row's window that is about to be closed; nothing for one without samples.</summary>
    public void Take(int row, long window, List<MetricFeature> into)
    {
        into.Clear();
        if (row >= _ofRow.Count)
            return;
        foreach (var index in _ofRow[row])
        {
            ref var accumulator = ref _series[index].Windows[WindowBank.Slot(window)];
            if (accumulator.Count > 0)
                into.Add(new MetricFeature(_series[index].Name, accumulator.Mean, accumulator.Max, accumulator.Count));
            accumulator = default;
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        WriteInt32(to, _series.Count);
        foreach (var series in _series)
        {
            var name = Encoding.UTF8.GetBytes(series.Name);
            WriteInt32(to, series.Row);
            WriteInt32(to, name.Length);
            to.Write(name);
            to.Write(MemoryMarshal.AsBytes(series.Windows.AsSpan()));
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        for (var count = ReadInt32(ref from); count > 0; count--)
        {
            var row = ReadInt32(ref from);
            var length = ReadInt32(ref from);
            var series = new Series(row, Encoding.UTF8.GetString(from[..length]));
            from = from[length..];
            var windows = MemoryMarshal.AsBytes(series.Windows.AsSpan());
            from[..windows.Length].CopyTo(windows);
            from = from[windows.Length..];
            while (_ofRow.Count <= row)
                _ofRow.Add([]);
            _ofRow[row].Add(_series.Count);
            _series.Add(series);
        }
    }

    private Series? Find(int row, string name)
    {
        foreach (var index in _ofRow[row])
        {
            if (_series[index].Name == name)
                return _series[index];
        }

        return null;
    }

    private static void WriteInt32(IBufferWriter<byte> to, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    private static int ReadInt32(ref ReadOnlySpan<byte> from)
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(from);
        from = from[4..];
        return value;
    }

    private sealed class Series(int row, string name)
    {
        public int Row { get; } = row;

        public string Name { get; } = name;

        public Accumulator[] Windows { get; } = new Accumulator[WindowBank.OpenWindows];
    }
}

/// <summary>One application metric in one closed window, in its own unit.</summary>
public readonly record struct MetricFeature(string Name, float Mean, float Max, int Count);
