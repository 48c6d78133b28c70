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
        for (var topics = isShort ? VarInt(ref rest) - 1 : KafkaBytes.Int32(ref rest); topics > 0; topics--)
        {
            var topic = isShort ? Encoding.UTF8.GetString(KafkaBytes.Take(ref rest, VarInt(ref rest) - 1)) : KafkaBytes.Text(ref rest);
            for (var count = isShort ? VarInt(ref rest) - 1 : KafkaBytes.Int32(ref rest); count > 0; count--)
                partitions.Add(new TopicPartition(topic, KafkaBytes.Int32(ref rest)));
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
            KafkaBytes.Take(ref rest, VarInt(ref rest));
        }
    }

    private static int VarInt(ref ReadOnlySpan<byte> rest)
    {
        var number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = KafkaBytes.Take(ref rest, 1)[0];
            number |= (next & 0x7f) << shift;
            if (next < 0x80)
                return number;
        }
    }
}
