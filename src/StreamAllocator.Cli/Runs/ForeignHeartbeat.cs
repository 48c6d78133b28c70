using System.Text.Json;
using System.Text.Json.Nodes;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Runs;

/// <summary>The heartbeat of another run within a telemetry record: a run's time is its own, and no agent may move it.</summary>
internal static class ForeignHeartbeat
{
    private const int Samples = 1;
    private const int Heartbeat = 2;
    private const int Source = 3;

    /// <summary>The record's value without it, empty where it held nothing else; as it is where there is none, or where it cannot be read (which ingest will say).</summary>
    /// <param name="time">What it said: all that is earlier had been published. Null without one, and in JSON, which no run writes.</param>
    public static ReadOnlySpan<byte> Remove(ReadOnlySpan<byte> value, out EventTime? time)
    {
        time = null;
        try
        {
            if (value.StartsWith("{"u8))
                return value.IndexOf("\"heartbeat\""u8) < 0 ? value : RemoveJson(value);
            time = Find(value);
            return time is null ? value : Copy(value);
        }
        catch (Exception exception) when (exception is WireFormatException or JsonException)
        {
            return value;
        }
    }

    private static EventTime? Find(ReadOnlySpan<byte> value)
    {
        EventTime? found = null;
        var reader = new ProtoReader(value);
        while (reader.Next())
        {
            if (reader.Field != Heartbeat)
                continue;
            found = new EventTime(0);
            var heartbeat = reader.Message();
            while (heartbeat.Next())
            {
                if (heartbeat.Field == 1)
                    found = new EventTime(heartbeat.Int64());
            }
        }

        return found;
    }

    private static ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> value)
    {
        var writer = new ProtoWriter();
        var reader = new ProtoReader(value);
        var any = false;
        while (reader.Next())
        {
            any |= reader.Field == Samples;
            if (reader.Field is Samples or Source)
                writer.Bytes(reader.Field, reader.Bytes());
        }

        return any ? writer.Written : [];
    }

    private static byte[] RemoveJson(ReadOnlySpan<byte> value)
    {
        if (JsonNode.Parse(value) is not JsonObject message || !message.Remove("heartbeat"))
            return value.ToArray();
        return message["samples"] is JsonArray { Count: > 0 } ? JsonSerializer.SerializeToUtf8Bytes(message) : [];
    }
}
