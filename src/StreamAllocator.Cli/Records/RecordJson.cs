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

    private static JsonNode? Value(string schema, byte[] value)
    {
        if (value.Length == 0)
            return null;
        try
        {
            return Messages.TryGetValue(schema, out var message)
                ? JsonNode.Parse(Formatter.Format(message.Parser.ParseFrom(value)))
                : Convert.ToBase64String(value);
        }
        catch (InvalidProtocolBufferException)
        {
            return Convert.ToBase64String(value);
        }
    }
}
