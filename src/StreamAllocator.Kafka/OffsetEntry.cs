using System.Buffers.Binary;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>Kafka's OffsetCommitKey and OffsetCommitValue, as far as they are needed.</summary>
internal static class OffsetEntry
{
    private const int LastVersionOfCommits = 1;

    /// <summary>The partition that an entry is about; null where it is about something else, or another group.</summary>
    public static TopicPartition? PartitionOf(string group, ReadOnlySpan<byte> key)
    {
        if (key.Length < 4 || BinaryPrimitives.ReadInt16BigEndian(key) is < 0 or > LastVersionOfCommits)
            return null;
        var rest = key[2..];
        return KafkaBytes.Text(ref rest) == group ? new TopicPartition(KafkaBytes.Text(ref rest), KafkaBytes.Int32(ref rest)) : null;
    }

    /// <summary>The offset comes after the version in all versions there are (0 to 4); null where it was deleted, or has expired.</summary>
    public static long? NextOf(ReadOnlySpan<byte> value) => value.IsEmpty ? null : BinaryPrimitives.ReadInt64BigEndian(value[2..]);
}
