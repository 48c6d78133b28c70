using System.Buffers;

namespace StreamAllocator.Backtest.Traces;

/// <summary>Lines of a stream through one pooled buffer. A line is valid until the next read. State: touched by one thread.</summary>
internal sealed class CsvLines(Stream stream) : IDisposable
{
    /// <summary>No line of a layout is near this; a longer one is data gone wrong.</summary>
    public const int MaxLineBytes = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4 * MaxLineBytes);
    private int _start;
    private int _end;
    private bool _streamEnded;

    /// <summary>Number of the line read last, 1 for the first.</summary>
    public long Line { get; private set; }

    /// <summary>False at the end of the stream. A line above <see cref="MaxLineBytes"/> comes out cut, with <paramref name="cut"/> set.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line, out bool cut)
    {
        cut = false;
        var length = FindLine();
        if (length < 0 && _start == _end)
        {
            line = [];
            return false;
        }

        Line++;
        if (length < 0)
        {
            line = WithoutReturn(_buffer.AsSpan(_start.._end));
            cut = line.Length > MaxLineBytes;
            if (cut)
                SkipToNextLine();
            else
                _start = _end;
            return true;
        }

        line = WithoutReturn(_buffer.AsSpan(_start, length));
        cut = line.Length > MaxLineBytes;
        _start += length + 1;
        return true;
    }

    public void Dispose()
    {
        if (_buffer.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        stream.Dispose();
    }

    /// <summary>Length of the line at the start, read on as far as needed; −1 where the stream or the buffer ends first.</summary>
    private int FindLine()
    {
        var scanned = 0;
        while (true)
        {
            var length = _buffer.AsSpan((_start + scanned).._end).IndexOf((byte)'\n');
            if (length >= 0)
                return scanned + length;
            scanned = _end - _start;
            if (_streamEnded || scanned == _buffer.Length || !Fill())
                return -1;
        }
    }

    private bool Fill()
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        _streamEnded = read == 0;
        return read > 0;
    }

    /// <summary>Keeps the first bytes in place for the verdict and drops the rest of the line.</summary>
    private void SkipToNextLine()
    {
        Span<byte> rest = stackalloc byte[1];
        _start = _end = _buffer.Length;
        while (!_streamEnded)
        {
            _streamEnded = stream.Read(rest) == 0;
            if (rest[0] == (byte)'\n')
                return;
        }
    }

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.., (byte)'\r'] ? line[..^1] : line;
}
