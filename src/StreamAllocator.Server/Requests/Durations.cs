using System.Buffers;
using System.Globalization;
using System.Xml;

namespace StreamAllocator.Server.Requests;

/// <summary>Spans of time as people write them: "30m", "1h", "1d12h", "90s", "500ms", or ISO 8601 ("PT1H30M").</summary>
internal static class Durations
{
    public const string Expected = "a duration such as 30m, 1h, 1d12h or PT1H";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text) || text.Length > 40)
            return false;
        return text[0] is 'P' or 'p' ? TryParseIso(text.ToUpperInvariant(), out duration) : TryParseUnits(text, out duration);
    }

    /// <summary>A span as it is asked for: "60m", "90s".</summary>
    public static string Text(TimeSpan span) => FormattableString.Invariant(
        span.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{span.TotalMinutes:0}m" : (FormattableString)$"{span.TotalSeconds:0.###}s");

    private static bool TryParseIso(string text, out TimeSpan duration)
    {
        duration = default;
        // Months and years have no fixed length.
        if (text.Contains('Y') || text.Split('T')[0].Contains('M'))
            return false;
        try
        {
            duration = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return false;
        }
    }

    private static bool TryParseUnits(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits < 1 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
                return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9') is var next && next < 0 ? rest.Length : next;
            if (!TryUnit(rest[..letters], out var unit) || amount * unit.TotalMilliseconds > TimeSpan.MaxValue.TotalMilliseconds / 100)
                return false;
            duration += amount * unit;
            rest = rest[letters..];
        }

        return true;
    }

    private static bool TryUnit(ReadOnlySpan<char> name, out TimeSpan unit)
    {
        unit = name switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" or "min" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero;
    }
}
