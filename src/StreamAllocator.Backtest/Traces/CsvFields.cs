using System.Buffers.Text;

namespace StreamAllocator.Backtest.Traces;

/// <summary>
/// Walks the comma-separated fields of one line (no quoting: the layouts need none). Each read consumes a field and its comma; the last
/// field read can be shown in a verdict.
/// </summary>
internal ref struct CsvFields(ReadOnlySpan<byte> line)
{
    private const ulong LargestExactInteger = 1UL << 53;

    private static readonly double[] PowersOfTen =
    [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    ];

    private readonly ReadOnlySpan<byte> _line = line;
    private int _start;
    private int _next;

    /// <summary>True once the last field has been consumed.</summary>
    public readonly bool AtEnd => _next > _line.Length;

    /// <summary>Text of the field read last; empty where the line ended before it.</summary>
    public readonly ReadOnlySpan<byte> Current => _start < _line.Length ? _line[_start..Math.Min(_next - 1, _line.Length)] : [];

    public bool TryReadText(out ReadOnlySpan<byte> text)
    {
        text = [];
        _start = _next;
        if (AtEnd)
            return false;
        var comma = _line[_start..].IndexOf((byte)',');
        _next = comma < 0 ? _line.Length + 1 : _start + comma + 1;
        text = Current;
        return true;
    }

    public bool TryReadInteger(out long value)
    {
        value = 0;
        return TryReadText(out var text) && Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length;
    }

    /// <summary>
    /// A finite decimal number, or NaN for a blank field. Up to 19 digits with a mantissa below 2^53 need one correctly rounded division
    /// (Clinger 1990: both operands are exact), which gives the same bits as the general parser that takes the rest.
    /// </summary>
    public bool TryReadNumber(out double value)
    {
        value = double.NaN;
        var at = _next;
        if (AtEnd)
            return false;
        var mantissa = 0UL;
        var digits = ReadDigits(ref at, ref mantissa);
        var scale = 0;
        if (at < _line.Length && _line[at] == (byte)'.')
        {
            at++;
            scale = ReadDigits(ref at, ref mantissa);
            digits += scale;
        }

        if (at < _line.Length && _line[at] != (byte)',' || digits == 0 || digits > 19 || mantissa > LargestExactInteger)
            return TryReadRareNumber(out value);
        _start = _next;
        _next = at + 1;
        value = mantissa / PowersOfTen[scale];
        return true;
    }

    private readonly int ReadDigits(ref int at, ref ulong mantissa)
    {
        var first = at;
        while (at < _line.Length && (uint)(_line[at] - '0') <= 9)
            mantissa = unchecked(mantissa * 10 + (uint)(_line[at++] - '0'));
        return at - first;
    }

    private bool TryReadRareNumber(out double value)
    {
        value = double.NaN;
        if (!TryReadText(out var text))
            return false;
        if (text.IsEmpty)
            return true;
        return Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length && double.IsFinite(value);
    }
}
