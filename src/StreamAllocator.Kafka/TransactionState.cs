using System.Buffers.Binary;
using System.Text;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>What a transaction coordinator may say of an id, by its numbers.</summary>
internal enum TransactionStatus
{
    Empty = 0,
    Ongoing = 1,
    PrepareCommit = 2,
    PrepareAbort = 3,
    CompleteCommit = 4,
    CompleteAbort = 5,
}

/// <summary>Kafka's TransactionLogKey and TransactionLogValue, as far as they are needed.</summary>
internal static class TransactionState
{
    private const int StatusAt = 16;

    /// <summary>A key is a version (0), a length and the id.</summary>
    public static bool IsOf(ReadOnlySpan<byte> transactionalId, ReadOnlySpan<byte> key) =>
        key.Length == 4 + transactionalId.Length && BinaryPrimitives.ReadInt16BigEndian(key) == 0 && key[4..].SequenceEqual(transactionalId);

    /// <exception cref="LogException">A version that is not known here.</exception>
    public static (TransactionStatus Status, List<TopicPartition> Partitions) Decode(ReadOnlySpan<byte> value)
    {
        // Version 1 has short lengths (one more than there are, 0 for null), and tagged fields.
        var version = BinaryPrimitives.ReadInt16BigEndian(value);
        if (version is not (0 or 1))
            throw new LogException($"the coordinator's log has values of version {version}; 0 and 1 are known here");
        var isShort = version == 1;
        var status = (TransactionStatus)value[StatusAt];
        var rest = value[(StatusAt + 1)..];
        var partitions = new List<TopicPartition>();
        for (var topics = isShort ? VarInt(ref rest) - 1 : Int32(ref rest); topics > 0; topics--)
        {
            var topic = Encoding.UTF8.GetString(Take(ref rest, isShort ? VarInt(ref rest) - 1 : Int16(ref rest)));
            for (var count = isShort ? VarInt(ref rest) - 1 : Int32(ref rest); count > 0; count--)
                partitions.Add(new TopicPartition(topic, Int32(ref rest)));
            if (isShort)
                PassTags(ref rest);
        }

        return (status, partitions);
    }

    private static void PassTags(ref ReadOnlySpan<byte> rest)
    {
        for (var tags = VarInt(ref rest); tags > 0; tags--)
        {
            VarInt(ref rest);
            Take(ref rest, VarInt(ref rest));
        }
    }

    private static int VarInt(ref ReadOnlySpan<byte> rest)
    {
        var number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(ref rest, 1)[0];
            number |= (next & 0x7f) << shift;
            if (next < 0x80)
                return number;
        }
    }

    private static int Int16(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt16BigEndian(Take(ref rest, 2));

    private static int Int32(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt32BigEndian(Take(ref rest, 4));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
