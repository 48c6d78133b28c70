using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;

namespace StreamAllocator.Cli.Records;

/// <summary>A record as one line of JSON, its value decoded by the schema that its header names; without one, as base64.</summary>
internal static class RecordJson
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private static readonly Dictionary<string, MessageDescriptor> Messages = new[]
    {
        AllocationsReflection.Descriptor, DeadLettersReflection.Descriptor, DecisionsReflection.Descriptor, ForecastsReflection.Descriptor,
        InputsReflection.Descriptor, InventoryReflection.Descriptor, ModelsReflection.Descriptor, RequestsReflection.Descriptor,
        TelemetryReflection.Descriptor,
    }.SelectMany(file => file.MessageTypes).ToDictionary(message => message.FullName, StringComparer.Ordinal);

    public static string Line(TopicPartition source, in LogRecord record)
    {
        RecordHeaders.TryFind(record.Headers, "schema"u8, out var header);
        var schema = Encoding.UTF8.GetString(header);
        return new JsonObject
        {
            ["topic"] = source.Topic,
            ["partition"] = source.Partition,
            ["offset"] = record.Offset,
            ["time"] = record.Time.ToString(),
            ["key"] = Encoding.UTF8.GetString(record.Key),
            ["schema"] = schema,
            ["value"] = Value(schema, record.Value.ToArray()),
        }.ToJsonString();
    }

    /// <summary>The message of that schema in JSON; null where the schema is unknown or the bytes are not its message.</summary>
    public static string? Decode(string schema, byte[] value)
    {
        try
        {
            return Messages.TryGetValue(schema, out var message) ? Formatter.Format(message.Parser.ParseFrom(value)) : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static JsonNode? Value(string schema, byte[] value)
    {
        if (value.Length == 0)
            return null;
        return Decode(schema, value) is { } decoded ? JsonNode.Parse(decoded) : Convert.ToBase64String(value);
    }
}
