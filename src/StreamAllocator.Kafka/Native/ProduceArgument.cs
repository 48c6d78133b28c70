using System.Runtime.InteropServices;

namespace StreamAllocator.Kafka.Native;

/// <summary><c>rd_kafka_vu_t</c>: one named argument of <c>rd_kafka_produceva</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct ProduceArgument
{
    [FieldOffset(0)]
    private int _kind;

    [FieldOffset(8)]
    private nint _pointer;

    [FieldOffset(8)]
    private long _number;

    [FieldOffset(16)]
    private nuint _length;

    public static ProduceArgument Topic(nint topic) => new() { _kind = 2, _pointer = topic };

    public static ProduceArgument Partition(int partition) => new() { _kind = 3, _number = partition };

    public static ProduceArgument Value(byte* value, int length) => new() { _kind = 4, _pointer = (nint)value, _length = (nuint)length };

    public static ProduceArgument Key(byte* key, int length) => new() { _kind = 5, _pointer = (nint)key, _length = (nuint)length };

    public static ProduceArgument Flags(int flags) => new() { _kind = 7, _number = flags };

    public static ProduceArgument Timestamp(long unixMilliseconds) => new() { _kind = 8, _number = unixMilliseconds };

    /// <summary>The headers belong to the message once it has been taken.</summary>
    public static ProduceArgument Headers(nint headers) => new() { _kind = 10, _pointer = headers };
}
