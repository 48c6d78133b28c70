using System.Buffers.Binary;
using System.Text;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>Kafka's OffsetCommitKey and OffsetCommitValue, as far as they are needed; numbers are big-endian, a text follows its length of 2 bytes.</summary>
internal static class OffsetEntry
{
    private const int LastVersionOfCommits = 1;

    /// <summary>The partition that an entry is about; null where it is about something else, or another group.</summary>
    public static TopicPartition? PartitionOf(string group, ReadOnlySpan<byte> key)
    {
        if (key.Length < 4 || BinaryPrimitives.ReadInt16BigEndian(key) is < 0 or > LastVersionOfCommits)
            return null;
        var rest = key[2..];
        if (Text(ref rest) != group)
            return null;
        var topic = Text(ref rest);
        return new TopicPartition(topic, BinaryPrimitives.ReadInt32BigEndian(rest));
    }

    /// <summary>The offset comes after the version in all versions there are (0 to 4).</summary>
    public static long? NextOf(byte[]? value) => value is null ? null : BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(2));

    private static string Text(ref ReadOnlySpan<byte> rest)
    {
        int length = BinaryPrimitives.ReadInt16BigEndian(rest);
        var text = Encoding.UTF8.GetString(rest.Slice(2, length));
        rest = rest[(2 + length)..];
        return text;
    }
}
