using System.Buffers.Binary;
using System.Text;

namespace StreamAllocator.Kafka;

/// <summary>Takes from the front of a message in Kafka's encoding: big-endian numbers, texts after their length of 2 bytes.</summary>
internal static class KafkaBytes
{
    public static int Int16(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt16BigEndian(Take(ref rest, 2));

    public static int Int32(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt32BigEndian(Take(ref rest, 4));

    public static string Text(ref ReadOnlySpan<byte> rest) => Encoding.UTF8.GetString(Take(ref rest, Int16(ref rest)));

    public static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
