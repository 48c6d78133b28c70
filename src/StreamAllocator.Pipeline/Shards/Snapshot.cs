using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>State of a task right after a commit: it only shortens the replay.</summary>
/// <param name="Next">Offset at which the task goes on in its partition.</param>
/// <param name="Fingerprint">Of the code and topology that made it; another one is never guessed at.</param>
public sealed record Snapshot(long Next, string Fingerprint, byte[] State)
{
    private const int Head = SHA256.HashSizeInBytes + 12;

    /// <summary>Where it is kept: the SHA-256 of the rest, the offset, the length of the fingerprint, the fingerprint, the state.</summary>
    public byte[] Encode()
    {
        var fingerprint = Encoding.UTF8.GetBytes(Fingerprint);
        var encoded = new byte[Head + fingerprint.Length + State.Length];
        BinaryPrimitives.WriteInt64LittleEndian(encoded.AsSpan(SHA256.HashSizeInBytes), Next);
        BinaryPrimitives.WriteInt32LittleEndian(encoded.AsSpan(SHA256.HashSizeInBytes + 8), fingerprint.Length);
        fingerprint.CopyTo(encoded, Head);
        State.CopyTo(encoded, Head + fingerprint.Length);
        SHA256.HashData(encoded.AsSpan(SHA256.HashSizeInBytes), encoded);
        return encoded;
    }

    /// <summary>Null where it is not whole.</summary>
    public static Snapshot? Decode(byte[] encoded)
    {
        if (encoded.Length < Head || !SHA256.HashData(encoded.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(encoded.AsSpan(0, SHA256.HashSizeInBytes)))
            return null;
        var next = BinaryPrimitives.ReadInt64LittleEndian(encoded.AsSpan(SHA256.HashSizeInBytes));
        var length = BinaryPrimitives.ReadInt32LittleEndian(encoded.AsSpan(SHA256.HashSizeInBytes + 8));
        return new Snapshot(next, Encoding.UTF8.GetString(encoded, Head, length), encoded[(Head + length)..]);
    }
}
