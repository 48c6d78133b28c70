using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>
/// Reads the JSON form of <c>Telemetry</c>: the field names of telemetry.proto, <c>event_time</c> (RFC 3339) or <c>event_time_ms</c>. 64-bit
/// numbers may be strings, null is absent, unknown names are skipped; of a repeated name the last counts, as in Protobuf.
/// </summary>
internal static class TelemetryJson
{
    private const int MaxText = 1024;

    /// <summary>Walks the whole message, so that one cut short is refused before any of its samples counts.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="WireFormatException">JSON, but of another shape.</exception>
    public static TelemetryFrame CheckFrame(ReadOnlySpan<byte> message)
    {
        var frame = default(TelemetryFrame);
        var reader = Open(message);
        while (NextName(ref reader))
        {
            if (reader.ValueTextEquals("heartbeat"u8))
                frame = frame with { Heartbeat = ReadHeartbeat(ref reader) ?? frame.Heartbeat };
            else if (reader.ValueTextEquals("source"u8))
                frame = frame with { Source = ReadSource(ref reader) };
            else
                SkipValue(ref reader);
        }

        if (reader.Read())
            throw Expected("the end of the message", ref reader);
        return frame;
    }

    /// <summary>A reader that stands before the first name of the message.</summary>
    public static Utf8JsonReader Open(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Expected("an object", ref reader);
        return reader;
    }

    /// <summary>Moves to the start of the next entry of <c>samples</c>; false after the last.</summary>
    public static bool NextSample(ref Utf8JsonReader reader, ref bool within)
    {
        while (true)
        {
            if (within)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.EndArray)
                    return true;
                within = false;
            }

            if (!NextName(ref reader))
                return false;
            if (!reader.ValueTextEquals("samples"u8))
            {
                SkipValue(ref reader);
                continue;
            }

            reader.Read();
            within = reader.TokenType == JsonTokenType.StartArray;
            if (!within && reader.TokenType != JsonTokenType.Null)
                throw Expected("an array of samples", ref reader);
        }
    }

    /// <summary>Reads the sample at which the reader stands, and leaves it at the sample's end, also where it fails.</summary>
    /// <exception cref="WireFormatException">Not a sample.</exception>
    public static void ReadSample(ref Utf8JsonReader reader, SampleFields into, StringPool names)
    {
        into.Clear();
        var after = reader;
        after.Skip();
        var sample = reader;
        reader = after;
        if (sample.TokenType != JsonTokenType.StartObject)
            throw Expected("a sample, an object", ref sample);
        while (NextName(ref sample))
            ReadField(ref sample, into, names);
    }

    private static void ReadField(ref Utf8JsonReader reader, SampleFields into, StringPool names)
    {
        if (reader.ValueTextEquals("vm_id"u8))
            ReadVmId(ref reader, into);
        else if (reader.ValueTextEquals("event_time_ms"u8))
            into.EventTime = ReadInteger(ref reader) ?? into.EventTime;
        else if (reader.ValueTextEquals("event_time"u8))
            into.EventTime = ReadTime(ref reader) ?? into.EventTime;
        else if (reader.ValueTextEquals("interval_ms"u8))
            into.IntervalMilliseconds = ReadInteger(ref reader) ?? into.IntervalMilliseconds;
        else if (reader.ValueTextEquals("sequence"u8))
            into.Sequence = ReadCounter(ref reader) ?? into.Sequence;
        else if (reader.ValueTextEquals("metrics"u8))
            ReadMetrics(ref reader, into, names);
        else
            ReadFigure(ref reader, into);
    }

    private static void ReadFigure(ref Utf8JsonReader reader, SampleFields into)
    {
        for (var figure = 0; figure < SampleFields.Names.Length; figure++)
        {
            if (!reader.ValueTextEquals(SampleFields.Names[figure]))
                continue;
            if (figure < SampleFields.ValueCount)
            {
                if (ReadNumber(ref reader) is { } number)
                    into.Set(figure, number);
            }
            else if (ReadCounter(ref reader) is { } counter)
            {
                into.SetCounter(figure - SampleFields.ValueCount, counter);
            }

            return;
        }

        SkipValue(ref reader);
    }

    private static void ReadVmId(ref Utf8JsonReader reader, SampleFields into)
    {
        Span<byte> text = stackalloc byte[MaxText];
        if (ReadText(ref reader, text, out var length))
            into.SetVmId(text[..length]);
    }

    private static void ReadMetrics(ref Utf8JsonReader reader, SampleFields into, StringPool names)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Expected("an array of metrics", ref reader);
        Span<byte> name = stackalloc byte[MaxText];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Expected("a metric, an object", ref reader);
            var length = 0;
            var value = 0.0;
            while (NextName(ref reader))
            {
                if (reader.ValueTextEquals("name"u8))
                    ReadText(ref reader, name, out length);
                else if (reader.ValueTextEquals("value"u8))
                    value = ReadNumber(ref reader) ?? value;
                else
                    SkipValue(ref reader);
            }

            into.AddMetric(name[..length], value, names);
        }
    }

    private static ulong ReadSource(ref Utf8JsonReader reader)
    {
        Span<byte> text = stackalloc byte[MaxText];
        ReadText(ref reader, text, out var length);
        return TelemetryFrame.SourceOf(text[..length]);
    }

    private static long? ReadHeartbeat(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Expected("a heartbeat, an object", ref reader);
        var time = 0L;
        while (NextName(ref reader))
        {
            if (reader.ValueTextEquals("event_time_ms"u8))
                time = ReadInteger(ref reader) ?? time;
            else if (reader.ValueTextEquals("event_time"u8))
                time = ReadTime(ref reader) ?? time;
            else
                SkipValue(ref reader);
        }

        return time;
    }

    private static double? ReadNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.Number => reader.GetDouble(),
            JsonTokenType.String when reader.ValueTextEquals("NaN"u8) => double.NaN,
            JsonTokenType.String when reader.ValueTextEquals("Infinity"u8) => double.PositiveInfinity,
            JsonTokenType.String when reader.ValueTextEquals("-Infinity"u8) => double.NegativeInfinity,
            _ => throw Expected("a number", ref reader),
        };
    }

    private static long? ReadInteger(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (Utf8Parser.TryParse(reader.ValueSpan, out long number, out var used) && used == reader.ValueSpan.Length)
            return number;
        return reader.TokenType == JsonTokenType.Null ? null : throw Expected("an integer", ref reader);
    }

    private static ulong? ReadCounter(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (Utf8Parser.TryParse(reader.ValueSpan, out ulong number, out var used) && used == reader.ValueSpan.Length)
            return number;
        return reader.TokenType == JsonTokenType.Null ? null : throw Expected("an integer, 0 or more", ref reader);
    }

    private static long? ReadTime(ref Utf8JsonReader reader)
    {
        Span<byte> text = stackalloc byte[MaxText];
        if (!ReadText(ref reader, text, out var length))
            return null;
        // Utf8Parser's ISO form wants seven digits of a second; people write none, three or nine.
        Span<char> characters = stackalloc char[MaxText];
        var count = Encoding.UTF8.GetChars(text[..length], characters);
        if (characters[..count].IndexOf('T') == 10 && HasOffset(characters[..count]) && DateTimeOffset.TryParse(
            characters[..count], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return time.ToUnixTimeMilliseconds();
        throw Expected("a time as in RFC 3339, 2026-01-31T23:59:59Z", ref reader);
    }

    private static bool HasOffset(ReadOnlySpan<char> time) => time[^1] == 'Z' || (time.Length > 16 && time[^3] == ':' && time[^6] is '+' or '-');

    private static bool ReadText(ref Utf8JsonReader reader, scoped Span<byte> into, out int length)
    {
        reader.Read();
        length = 0;
        if (reader.TokenType == JsonTokenType.Null)
            return false;
        if (reader.TokenType != JsonTokenType.String)
            throw Expected("a text", ref reader);
        if (reader.ValueSpan.Length > into.Length)
            throw Expected($"a text of at most {into.Length} bytes", ref reader);
        length = reader.CopyString(into);
        return true;
    }

    private static bool NextName(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static WireFormatException Expected(string what, ref Utf8JsonReader reader) =>
        new($"byte {reader.TokenStartIndex}: {reader.TokenType}: expected {what}");
}
