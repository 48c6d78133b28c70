using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;

namespace StreamAllocator.Cli.Records;

/// <summary>What a person writes in JSON, as a record of an outside topic.</summary>
internal sealed record InputJson(byte[] Key, byte[] Headers, byte[] Value)
{
    private const string Telemetry = "telemetry";

    /// <summary>Topics that take one Protobuf message a record, and the field that is its key.</summary>
    private static readonly Dictionary<string, (MessageDescriptor Message, string Id)> Inventory = new(StringComparer.Ordinal)
    {
        ["vms"] = (VmSpec.Descriptor, "vm_id"),
        ["hosts"] = (HostSpec.Descriptor, "host_id"),
        ["offers"] = (Offer.Descriptor, "offer_id"),
        ["calendar"] = (Schedule.Descriptor, "schedule_id"),
    };

    public static IEnumerable<string> Topics => Inventory.Keys.Append(Telemetry);

    /// <summary>Whether the topic's newest record of a key is what counts: an empty one removes it.</summary>
    public static bool IsInventory(string topic) => Inventory.ContainsKey(topic);

    /// <summary>
    /// A message of the inventory in the JSON of Protobuf, with the names of the schema; telemetry is published as it is, since ingest takes JSON.
    /// </summary>
    /// <param name="topic">Name without its prefix.</param>
    /// <exception cref="InvalidDataException">Not that message; or the topic takes no JSON.</exception>
    public static InputJson Read(string topic, string json)
    {
        if (topic == Telemetry)
            return new InputJson(Encoding.UTF8.GetBytes(FirstVm(json)), Schema("application/json"), Encoding.UTF8.GetBytes(json));
        if (!Inventory.TryGetValue(topic, out var known))
            throw new InvalidDataException($"topic {topic}: JSON is taken for {string.Join(", ", Topics)}");
        try
        {
            var message = JsonParser.Default.Parse(json, known.Message);
            var id = (string)known.Message.FindFieldByName(known.Id).Accessor.GetValue(message);
            return new InputJson(Encoding.UTF8.GetBytes(id), Schema(known.Message.FullName), message.ToByteArray());
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException($"{known.Message.FullName}: {exception.Message}", exception);
        }
    }

    private static byte[] Schema(string name) => RecordHeaders.Encode([("schema", Encoding.UTF8.GetBytes(name))]);

    /// <summary>The key only spreads telemetry over partitions: what cannot be read goes without, and ingest says what is wrong with it.</summary>
    private static string FirstVm(string json)
    {
        try
        {
            return (string?)JsonNode.Parse(json)?["samples"]?[0]?["vm_id"] ?? "";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return "";
        }
    }
}
