using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StreamAllocator.Kafka.Native;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>A message's headers as <see cref="RecordHeaders"/> has them, and back.</summary>
internal static unsafe class HeaderBytes
{
    [ThreadStatic]
    private static byte[]? _buffer;

    /// <summary>Valid until the thread's next call.</summary>
    public static ReadOnlySpan<byte> Of(Message* message)
    {
        nint headers;
        if (HasNone(message) || Librdkafka.Headers(message, &headers) != 0)
            return default;
        var used = 0;
        byte* name;
        byte* value;
        nuint valueLength;
        for (nuint index = 0; Librdkafka.Header(headers, index, &name, &value, &valueLength) == 0; index++)
        {
            var nameBytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
            var length = checked((int)valueLength);
            var room = Room(used, 6 + nameBytes.Length + length);
            BinaryPrimitives.WriteUInt16LittleEndian(room, checked((ushort)nameBytes.Length));
            nameBytes.CopyTo(room[2..]);
            BinaryPrimitives.WriteInt32LittleEndian(room[(2 + nameBytes.Length)..], length);
            new ReadOnlySpan<byte>(value, length).CopyTo(room[(6 + nameBytes.Length)..]);
            used += 6 + nameBytes.Length + length;
        }

        return _buffer.AsSpan(0, used);
    }

    /// <summary>A header list of librdkafka, or null where there are none; whoever does not hand it on releases it.</summary>
    public static nint ToNative(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
            return 0;
        var headers = Librdkafka.NewHeaders(4);
        while (RecordHeaders.TryTake(ref encoded, out var name, out var value))
        {
            fixed (byte* nameBytes = name, valueBytes = value)
            {
                // A null pointer would be a header without a value, which is not the same as an empty one.
                byte nothing;
                if (Librdkafka.AddHeader(headers, nameBytes, name.Length, value.IsEmpty ? &nothing : valueBytes, value.Length) != 0)
                    throw new InvalidOperationException("librdkafka did not take a header");
            }
        }

        return headers;
    }

    /// <summary>
    /// The number of headers stands behind the value, in the record format that Kafka 4 knows alone. librdkafka makes a reader of the rest of the
    /// record before it looks, which costs more than all else that is done with a small record on this side.
    /// </summary>
    private static bool HasNone(Message* message) => message->Payload != null && message->Payload[message->PayloadLength] == 0;

    private static Span<byte> Room(int used, int more)
    {
        if (_buffer is null || _buffer.Length < used + more)
            Array.Resize(ref _buffer, Math.Max(256, (used + more) * 2));
        return _buffer.AsSpan(used);
    }
}
