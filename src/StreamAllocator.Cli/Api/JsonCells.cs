using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamAllocator.Cli.Api;

/// <summary>Values of the API's answers as cells of a listing.</summary>
internal static class JsonCells
{
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The value at a path of names; null where any is absent.</summary>
    public static object? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node is not JsonValue value ? null
            : value.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>()
            : value.ToString();
    }
}
