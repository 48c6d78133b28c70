using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>What a telemetry message says beside its samples.</summary>
/// <param name="Heartbeat">Unix milliseconds; null where it carries none.</param>
/// <param name="Source">Hash of the name of who numbered the samples; 0 where nobody did.</param>
internal readonly record struct TelemetryFrame(long? Heartbeat, ulong Source)
{
    public static ulong SourceOf(ReadOnlySpan<byte> name) => name.IsEmpty ? 0 : StableHash.Of(name);
}
