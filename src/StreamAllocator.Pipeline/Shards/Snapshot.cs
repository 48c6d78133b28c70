using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// State of a task right after a commit: it only shortens the replay. Kept as the offset (8 bytes), the length of the fingerprint (4), the
/// fingerprint, the state, and the SHA-256 of all that.
/// </summary>
/// <param name="Next">Offset at which the task goes on in its partition.</param>
/// <param name="Fingerprint">Of the code and topology that made it; another one is never guessed at.</param>
public sealed record Snapshot(long Next, string Fingerprint, ReadOnlyMemory<byte> State)
{
    private const int Head = 12;

    /// <summary>Bytes that <see cref="Encode"/> hands over.</summary>
    public static long EncodedLength(string fingerprint, Action<IBufferWriter<byte>> save) =>
        Head + Encoding.UTF8.GetByteCount(fingerprint) + ByteCounter.Of(save) + SHA256.HashSizeInBytes;

    /// <summary>The snapshot in blocks, as the state is being saved: no more than a block of it is held.</summary>
    /// <param name="blockBytes">Size of each block but the last.</param>
    public static void Encode(long next, string fingerprint, Action<IBufferWriter<byte>> save, int blockBytes, BlockSink emit)
    {
        using var writer = new HashedBlocks(blockBytes, emit);
        Span<byte> head = stackalloc byte[Head];
        BinaryPrimitives.WriteInt64LittleEndian(head, next);
        var name = Encoding.UTF8.GetBytes(fingerprint);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], name.Length);
        writer.Write(head);
        writer.Write(name);
        save(writer);
        writer.Finish();
    }

    /// <summary>Null where it is not whole.</summary>
    public static Snapshot? Decode(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length < Head + SHA256.HashSizeInBytes)
            return null;
        var hashed = encoded[..^SHA256.HashSizeInBytes];
        if (!SHA256.HashData(hashed.Span).AsSpan().SequenceEqual(encoded.Span[hashed.Length..]))
            return null;
        var next = BinaryPrimitives.ReadInt64LittleEndian(hashed.Span);
        var length = BinaryPrimitives.ReadInt32LittleEndian(hashed.Span[8..]);
        return new Snapshot(next, Encoding.UTF8.GetString(hashed.Span.Slice(Head, length)), hashed[(Head + length)..]);
    }
}
