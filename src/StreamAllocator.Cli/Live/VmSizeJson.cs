using System.Text.Json;
using System.Text.Json.Serialization;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Live;

/// <summary>A size as <c>{"CpuCores": 1, "MemoryGib": 4}</c>.</summary>
internal sealed class VmSizeJson : JsonConverter<VmSize>
{
    public override VmSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new VmSize(
            document.RootElement.GetProperty(nameof(VmSize.CpuCores)).GetDouble(), document.RootElement.GetProperty(nameof(VmSize.MemoryGib)).GetDouble());
    }

    public override void Write(Utf8JsonWriter writer, VmSize value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber(nameof(VmSize.CpuCores), value.CpuCores);
        writer.WriteNumber(nameof(VmSize.MemoryGib), value.MemoryGib);
        writer.WriteEndObject();
    }
}
