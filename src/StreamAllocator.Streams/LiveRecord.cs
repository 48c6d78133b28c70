using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Streams;

/// <summary>A committed record, copied out of the log, so that it may be kept.</summary>
/// <param name="Schema">Name and version of the message; empty where the record does not say.</param>
public sealed record LiveRecord(TopicPartition Source, long Offset, EventTime Time, byte[] Key, string Schema, byte[] Value);

/// <summary>What one poll brought, possibly nothing.</summary>
/// <param name="Before">For each partition the offset at which the reader stood before it.</param>
internal sealed record LiveBatch(LiveRecord[] Records, long[] Before);
