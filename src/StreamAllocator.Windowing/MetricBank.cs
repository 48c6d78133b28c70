using System.Buffers;
using StreamAllocator.Domain;

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
        if (Find(row, name) is not { } series)
        {
            if (row < _ofRow.Count && _ofRow[row].Count == MaxPerVm)
                return false;
            series = new Series(row, name, new Accumulator[WindowBank.OpenWindows]);
            Add(series);
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

    /// <summary>Keeps these rows only, which are then numbered in this order.</summary>
    public void Keep(ReadOnlySpan<int> rows)
    {
        var kept = new List<Series>();
        for (var row = 0; row < rows.Length; row++)
        {
            foreach (var index in rows[row] < _ofRow.Count ? _ofRow[rows[row]] : [])
                kept.Add(_series[index] with { Row = row });
        }

        _series.Clear();
        _ofRow.Clear();
        foreach (var series in kept)
            Add(series);
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_series.Count);
        foreach (var series in _series)
        {
            state.Int64(series.Row);
            state.Text(series.Name);
            state.Array<Accumulator>(series.Windows);
        }
    }

    /// <summary>Into a bank that has seen nothing yet.</summary>
    /// <exception cref="InvalidDataException">The bytes end early; nothing is guessed.</exception>
    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var count = state.Count(); count > 0; count--)
            Add(new Series(state.Int32(), state.Text(), state.Array<Accumulator>()));
    }

    private void Add(Series series)
    {
        while (_ofRow.Count <= series.Row)
            _ofRow.Add([]);
        _ofRow[series.Row].Add(_series.Count);
        _series.Add(series);
    }

    private Series? Find(int row, string name)
    {
        if (row >= _ofRow.Count)
            return null;
        foreach (var index in _ofRow[row])
        {
            if (_series[index].Name == name)
                return _series[index];
        }

        return null;
    }

    private sealed record Series(int Row, string Name, Accumulator[] Windows);
}

/// <summary>One application metric in one closed window, in its own unit.</summary>
public readonly record struct MetricFeature(string Name, float Mean, float Max, int Count);
