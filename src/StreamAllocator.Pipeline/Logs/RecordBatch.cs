using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>Records of one partition, in order of their offsets; filled by a poll and reused.</summary>
public sealed class RecordBatch : RecordArena
{
    public TopicPartition Source { get; private set; }

    /// <summary>Empties it for records of that partition.</summary>
    public void Reset(TopicPartition source)
    {
        Clear();
        Source = source;
    }

    public void Append(long offset, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value) =>
        Add(offset, time, key, headers, value);
}
