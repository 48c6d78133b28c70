using System.IO.Compression;
using System.Text;

namespace StreamAllocator.Backtest.Traces;

/// <summary>The good rows of one file in order, one row of look-ahead; each bad one becomes a verdict. State: touched by one thread.</summary>
internal sealed class TraceFile : IDisposable
{
    private const int ShownBytes = 80;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly CsvLines _lines;
    private readonly TraceRowParser _parser;
    private readonly Action<TraceProblem> _onProblem;
    private readonly long _stepSeconds;
    private long _lastStep = long.MinValue;
    private long _stepEnd = long.MinValue;

    public TraceFile(string path, TraceOptions options, VmNames vms, SeriesUnits units, Action<TraceProblem> onProblem)
    {
        _path = path;
        _onProblem = onProblem;
        _stepSeconds = (long)options.Step.TotalSeconds;
        _file = new FileStream(path, new FileStreamOptions { BufferSize = 128 * 1024, Options = FileOptions.SequentialScan });
        try
        {
            _lines = new CsvLines(IsGzip(_file) ? new GZipStream(_file, CompressionMode.Decompress) : _file);
            Layout = ReadHeader(options.Layout, out var firstRow);
            _parser = new TraceRowParser(Layout, options, vms, units);
            HasRow = firstRow.Length > 0 && Accept(firstRow, cut: false) || Advance();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public TraceLayout Layout { get; }

    public long Line => _lines.Line;

    /// <summary>The next row is in <see cref="Row"/>, its time step in <see cref="Step"/>.</summary>
    public bool HasRow { get; private set; }

    public TraceRow Row;

    /// <summary><c>floor(timestamp / step)</c> of the row.</summary>
    public long Step => _lastStep;

    /// <summary>Share of the file's bytes that have been read, 0 to 1.</summary>
    public double Fraction => _file.Length == 0 ? 1 : (double)_file.Position / _file.Length;

    /// <summary>Moves to the next good row; false at the end of the file.</summary>
    public bool Advance()
    {
        while (TryReadLine(out var line, out var cut))
        {
            if (!line.IsEmpty && Accept(line, cut))
                return HasRow = true;
        }

        return HasRow = false;
    }

    public void Report(string found, string expected) => _onProblem(new TraceProblem(_path, Line, found, expected));

    public void Dispose()
    {
        _lines?.Dispose();
        _file.Dispose();
    }

    private bool TryReadLine(out ReadOnlySpan<byte> line, out bool cut)
    {
        try
        {
            return _lines.TryRead(out line, out cut);
        }
        catch (InvalidDataException damaged)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{_path}: {damaged.Message} after line {Line}: expected a complete gzip file"), damaged);
        }
    }

    private bool Accept(ReadOnlySpan<byte> line, bool cut)
    {
        var fields = new CsvFields(line);
        if (cut)
        {
            Report($"'{Shown(line)}'", FormattableString.Invariant($"lines of at most {CsvLines.MaxLineBytes} bytes"));
            return false;
        }

        if (!_parser.TryParse(ref fields, ref Row))
        {
            Report($"{_parser.Column} '{Shown(fields.Current)}'", _parser.Expected);
            return false;
        }

        if (Row.TimestampSeconds >= _stepEnd)
        {
            _lastStep = Row.TimestampSeconds / _stepSeconds;
            _stepEnd = (_lastStep + 1) * _stepSeconds;
        }
        else if (Row.TimestampSeconds < _stepEnd - _stepSeconds)
        {
            Report(
                FormattableString.Invariant($"timestamp '{Row.TimestampSeconds}'"),
                FormattableString.Invariant($"{_stepEnd - _stepSeconds} or later: rows are ordered by timestamp"));
            return false;
        }

        return true;
    }

    private TraceLayout ReadHeader(TraceLayout? forced, out ReadOnlySpan<byte> firstRow)
    {
        firstRow = [];
        if (!TryReadLine(out var line, out _))
            return forced ?? throw Unreadable("an empty file");
        line = line.StartsWith(Encoding.UTF8.Preamble) ? line[Encoding.UTF8.Preamble.Length..] : line;
        foreach (var layout in Enum.GetValues<TraceLayout>())
        {
            if (!line.SequenceEqual(Encoding.UTF8.GetBytes(TraceLayouts.HeaderOf(layout))))
                continue;
            return forced is null || forced == layout ? layout : throw Unreadable($"columns of layout {layout}");
        }

        if (forced is null)
            throw Unreadable($"'{Shown(line)}'");
        firstRow = line;
        return forced.Value;

        InvalidDataException Unreadable(string found) => new(
            $"{_path}:1: {found}: expected the columns {(forced is { } one ? TraceLayouts.HeaderOf(one) : $"{TraceLayouts.VmHeader} or {TraceLayouts.GenericHeader}")}");
    }

    private static bool IsGzip(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && start[0] == 0x1F && start[1] == 0x8B;
    }

    private static string Shown(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text[..Math.Min(text.Length, ShownBytes)]) + (text.Length > ShownBytes ? "…" : "");
}
