using System.Buffers;
using System.Runtime.InteropServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting;

/// <summary>
/// The forecasts of all VMs of one predict task. State: one row of floats a VM (its own scalars, then four series), in slabs of 16
/// rows; no object a VM. Touched by one thread. After <see cref="Add"/>, nothing allocates.
/// </summary>
public sealed class ForecastEngine
{
    private const int RowsPerSlab = 16;
    private const uint Magic = 0x53414645;

    private readonly SeriesFold _fold;
    private readonly ForecastOptions _options;
    private readonly int _rowFloats;
    private readonly List<float[]> _slabs = [];

    /// <exception cref="ArgumentException">The options are not valid; every violation is named.</exception>
    public ForecastEngine(ForecastOptions options)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join("; ", problems), nameof(options));
        _options = options;
        _fold = new SeriesFold(options);
        _rowFloats = VmHeader.Floats + (Resources.Count * _fold.Layout.Total);
        var parts = new List<StatePart> { new("vm header", VmHeader.Floats * sizeof(float)) };
        foreach (var part in _fold.Layout.Parts)
            parts.Add(new StatePart("4 × " + part.Name, Resources.Count * part.Bytes));
        StateParts = parts;
    }

    /// <summary>Names of the experts, in the order of their weights.</summary>
    public ReadOnlySpan<string> ExpertNames => _fold.ExpertNames;

    /// <summary>Rows added so far.</summary>
    public int Rows { get; private set; }

    /// <summary>State of one VM, all of it.</summary>
    public int BytesPerVm => _rowFloats * sizeof(float);

    /// <summary>The parts of <see cref="BytesPerVm"/>, which they sum to.</summary>
    public IReadOnlyList<StatePart> StateParts { get; }

    /// <summary>Buffers for <see cref="Forecast"/>, to be reused.</summary>
    public VmForecast NewForecast() => new(ExpertNames.Length);

    /// <summary>A new VM; its dense row.</summary>
    public int Add()
    {
        if (Rows % RowsPerSlab == 0)
            _slabs.Add(new float[RowsPerSlab * _rowFloats]);
        var row = Rows++;
        Reset(row);
        return row;
    }

    /// <summary>Forgets everything about a row, which may then stand for another VM.</summary>
    public void Reset(int row)
    {
        var state = Row(row);
        state.Clear();
        ref var header = ref VmHeader.Of(state);
        header.Window = VmHeader.NoWindow;
        header.Parameters = _options.Parameters;
    }

    /// <summary>Keeps these rows only, which are then numbered in this order; it must be ascending.</summary>
    public void Keep(ReadOnlySpan<int> rows)
    {
        for (var row = 0; row < rows.Length; row++)
            Row(rows[row]).CopyTo(Row(row));
        Rows = rows.Length;
        var slabs = (Rows + RowsPerSlab - 1) / RowsPerSlab;
        _slabs.RemoveRange(slabs, _slabs.Count - slabs);
    }

    /// <summary>What the allocation can serve, in the resource's unit; 0 where unknown. No quantile is served above it.</summary>
    public void SetCapacity(int row, Resource resource, float capacity) =>
        SeriesFold.Header(Series(Row(row), (int)resource)).Capacity = float.IsFinite(capacity) && capacity > 0 ? capacity : 0;

    /// <summary>Takes up released parameters, from the next window on.</summary>
    public void SetParameters(int row, SmoothingParameters parameters) => VmHeader.Of(Row(row)).Parameters = parameters;

    /// <summary>
    /// Folds in a closed window and fills <paramref name="errors"/> with the forecasts it is the actual of. Windows skipped since the
    /// last call are missing ones. False, and nothing changes, if the window is not newer than the newest.
    /// </summary>
    public bool Observe(int row, long windowIndex, in WindowObservation window, ForecastErrors errors)
    {
        var state = Row(row);
        ref var header = ref VmHeader.Of(state);
        errors.Clear(windowIndex);
        if (header.Window != VmHeader.NoWindow)
        {
            if (windowIndex <= header.Window)
                return false;

            // A gap longer than a day leaves the same state as one of a day, but for the age.
            var missing = windowIndex - header.Window - 1;
            var filled = Math.Min(missing, _options.WindowsPerDay);
            for (var skipped = windowIndex - filled; skipped < windowIndex; skipped++)
                Fold(state, skipped, WindowObservation.Missing, header.Parameters, errors);
            Age(state, missing - filled);
        }

        Fold(state, windowIndex, window, header.Parameters, errors);
        header.Window = windowIndex;
        return true;
    }

    /// <summary>The forecast at the newest window observed; what it serves is judged as the actuals come.</summary>
    public void Forecast(int row, VmForecast output)
    {
        var state = Row(row);
        var origin = VmHeader.Of(state).Window;
        output.OriginWindow = origin;
        foreach (var resource in Resources.All)
            _fold.Forecast(Series(state, (int)resource), origin, resource, output);
    }

    /// <summary>Writes the state of all rows: a header of 12 bytes, then the rows as they stand in memory (little-endian).</summary>
    public void Save(IBufferWriter<byte> to)
    {
        Span<uint> head = [Magic, (uint)_rowFloats, (uint)Rows];
        to.Write(MemoryMarshal.AsBytes(head));
        for (var row = 0; row < Rows; row++)
            to.Write(MemoryMarshal.AsBytes(Row(row)));
    }

    /// <summary>An engine that goes on exactly as the saved one would have.</summary>
    /// <exception cref="InvalidDataException">The bytes were not saved by this layout; nothing is guessed.</exception>
    public static ForecastEngine Load(ForecastOptions options, ReadOnlySpan<byte> from)
    {
        var engine = new ForecastEngine(options);
        Span<uint> head = stackalloc uint[3];
        var headBytes = MemoryMarshal.AsBytes(head);
        if (from.Length < headBytes.Length)
            throw new InvalidDataException($"forecast state: found {from.Length} bytes, expected at least {headBytes.Length}");
        from[..headBytes.Length].CopyTo(headBytes);
        if (head[0] != Magic || head[1] != engine._rowFloats)
            throw new InvalidDataException($"forecast state: found layout {head[0]:X8}/{head[1]}, expected {Magic:X8}/{engine._rowFloats}");
        var body = from[headBytes.Length..];
        if (body.Length != (long)head[2] * engine.BytesPerVm)
            throw new InvalidDataException($"forecast state: found {body.Length} bytes of rows, expected {(long)head[2] * engine.BytesPerVm}");
        for (var row = 0; row < head[2]; row++)
            body.Slice(row * engine.BytesPerVm, engine.BytesPerVm).CopyTo(MemoryMarshal.AsBytes(engine.Row(engine.Add())));
        return engine;
    }

    private void Fold(Span<float> state, long window, in WindowObservation observed, in SmoothingParameters parameters, ForecastErrors errors)
    {
        for (var resource = 0; resource < Resources.Count; resource++)
            _fold.Observe(Series(state, resource), window, observed[(Resource)resource], parameters, resource, errors);
    }

    private void Age(Span<float> state, long windows)
    {
        for (var resource = 0; windows > 0 && resource < Resources.Count; resource++)
        {
            ref var header = ref SeriesFold.Header(Series(state, resource));
            header.Age = (int)Math.Min(header.Age + windows, 1 << 30);
        }
    }

    private Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return _slabs[row / RowsPerSlab].AsSpan(row % RowsPerSlab * _rowFloats, _rowFloats);
    }

    private Span<float> Series(Span<float> row, int resource) =>
        row.Slice(VmHeader.Floats + (resource * _fold.Layout.Total), _fold.Layout.Total);
}
