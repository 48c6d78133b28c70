using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamAllocator.Decisions;

/// <summary>Writes state in the order in which <see cref="StateReader"/> reads it; numbers little-endian, texts in UTF-8 behind their length.</summary>
internal readonly struct StateWriter(IBufferWriter<byte> to)
{
    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Int64(length);
        to.Advance(Encoding.UTF8.GetBytes(value, to.GetSpan(length)));
    }

    /// <summary>The bytes of a value without padding, in the machine's own order.</summary>
    public void Value<T>(in T value)
        where T : unmanaged => to.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
