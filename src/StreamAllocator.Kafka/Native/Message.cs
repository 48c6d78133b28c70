using System.Runtime.InteropServices;

namespace StreamAllocator.Kafka.Native;

/// <summary><c>rd_kafka_message_t</c> as a consumer gets it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Message
{
    public int Error;
    public nint Topic;
    public int Partition;

    /// <summary>The value, or where there is an error its text.</summary>
    public byte* Payload;

    public nuint PayloadLength;
    public byte* Key;
    public nuint KeyLength;
    public long Offset;
    private readonly nint _private;

    public readonly ReadOnlySpan<byte> PayloadBytes => new(Payload, checked((int)PayloadLength));

    public readonly ReadOnlySpan<byte> KeyBytes => new(Key, checked((int)KeyLength));
}
