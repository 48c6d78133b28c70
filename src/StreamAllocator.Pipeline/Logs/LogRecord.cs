using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>A record in a batch; the spans live as long as the batch is not cleared.</summary>
/// <param name="headers">Encoded as <see cref="RecordHeaders"/> says; empty where there are none.</param>
public readonly ref struct LogRecord(
    long offset, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value)
{
    public long Offset { get; } = offset;

    public EventTime Time { get; } = time;

    public ReadOnlySpan<byte> Key { get; } = key;

    public ReadOnlySpan<byte> Headers { get; } = headers;

    public ReadOnlySpan<byte> Value { get; } = value;
}
