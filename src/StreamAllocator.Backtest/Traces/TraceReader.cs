using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Traces;

/// <summary>
/// Streams a trace one time step at a time: all rows with the same <c>floor(timestamp / step)</c>, so that timestamps which jitter by a
/// second stay together. Memory: one step, the VM names and a buffer; no managed allocation per row. A row that cannot be used is a
/// verdict for the callback; a file that cannot be read at all (unknown columns, damaged gzip) is an
/// <see cref="InvalidDataException"/> that says where, what was found and what was expected. State: touched by one thread.
/// </summary>
public sealed class TraceReader : IDisposable
{
    private readonly TraceFile _file;
    private readonly TraceFile? _maxima;
    private readonly MaximumJoin _join = new();
    private TraceRow[] _rows = new TraceRow[1024];
    private int _count;

    private TraceReader(TraceOptions options, Action<TraceProblem> onProblem)
    {
        var violations = string.Join("; ", options.Violations());
        if (violations.Length > 0)
            throw new ArgumentException(violations, nameof(options));
        Options = options;
        void Count(TraceProblem problem)
        {
            Problems++;
            onProblem(problem);
        }

        _file = new TraceFile(options.File, options, Vms, Units, Count);
        if (options.MaximumFile is null)
            return;
        try
        {
            if (_file.Layout != TraceLayout.Vm)
                throw new InvalidDataException($"{options.File}:1: layout {_file.Layout} with a file of maxima: expected layout {TraceLayout.Vm}");
            _maxima = new TraceFile(options.MaximumFile, options with { Layout = TraceLayout.Vm }, Vms, Units, Count);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public TraceOptions Options { get; }

    public TraceLayout Layout => _file.Layout;

    /// <summary>VMs seen so far.</summary>
    public VmNames Vms { get; } = new();

    /// <summary>Units of the generic layout's series.</summary>
    public SeriesUnits Units { get; } = new();

    /// <summary>Index of the window <c>[index·step, (index+1)·step)</c> that holds the timestamps of <see cref="Rows"/>.</summary>
    public long Window { get; private set; }

    /// <summary>Rows of the step in the file's order; valid until the next read. Several per VM where the source samples faster.</summary>
    public ReadOnlySpan<TraceRow> Rows => _rows.AsSpan(0, _count);

    public EventTime WindowStart => EventTime.StartOfWindow(Window, Options.Step);

    public long RowsRead { get; private set; }

    /// <summary>Rows left out, each with a verdict.</summary>
    public long Problems { get; private set; }

    /// <summary>Share of the file's bytes read so far, 0 to 1, for a progress bar.</summary>
    public double Fraction => _file.Fraction;

    /// <summary>Opens the file or files and reads as far as the first row.</summary>
    /// <exception cref="ArgumentException">The options have violations; all are named.</exception>
    /// <exception cref="InvalidDataException">Not a trace of a documented layout.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static TraceReader Open(TraceOptions options, Action<TraceProblem> onProblem) => new(options, onProblem);

    /// <summary>Reads the next time step; false at the end of the trace. Steps without a row do not appear.</summary>
    public bool TryReadStep()
    {
        _count = 0;
        if (!_file.HasRow)
        {
            MaximumJoin.ReportRest(_maxima);
            return false;
        }

        Window = _file.Step;
        do
        {
            if (_count == _rows.Length)
                Array.Resize(ref _rows, _rows.Length * 2);
            _rows[_count++] = _file.Row;
        }
        while (_file.Advance() && _file.Step == Window);
        RowsRead += _count;
        if (_maxima is not null)
            _join.Apply(_maxima, Window, _rows.AsSpan(0, _count));
        return true;
    }

    public void Dispose()
    {
        _file.Dispose();
        _maxima?.Dispose();
    }
}
