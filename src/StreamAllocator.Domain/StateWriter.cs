using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamAllocator.Domain;

/// <summary>Writes state that a snapshot holds: fixed-width numbers, texts and arrays, little-endian, in the order in which <see cref="StateReader"/> reads them.</summary>
public readonly struct StateWriter(IBufferWriter<byte> to)
{
    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    public void Bool(bool value) => Int64(value ? 1 : 0);

    public void Text(string value) => Array<byte>(Encoding.UTF8.GetBytes(value));

    public void Array<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Int64(values.Length);
        to.Write(MemoryMarshal.AsBytes(values));
    }

    /// <summary>The bytes of one value, in the machine's own order.</summary>
    public void Value<T>(in T value)
        where T : unmanaged => to.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>A part that saves itself, behind its length. It does so twice, once to be counted: a copy of a large state costs more.</summary>
    public void Part(Action<IBufferWriter<byte>> save)
    {
        Int64(ByteCounter.Of(save));
        save(to);
    }
}
