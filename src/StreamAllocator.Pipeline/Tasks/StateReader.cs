using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamAllocator.Pipeline.Tasks;

/// <summary>Reads what <see cref="StateWriter"/> wrote. A state that ends early is an <see cref="InvalidDataException"/>: nothing is guessed.</summary>
public ref struct StateReader(ReadOnlySpan<byte> from)
{
    private ReadOnlySpan<byte> _rest = from;

    public readonly bool AtEnd => _rest.IsEmpty;

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public int Int32() => checked((int)Int64());

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public bool Bool() => Int64() != 0;

    public string Text() => Encoding.UTF8.GetString(Part());

    public T[] Array<T>()
        where T : unmanaged
    {
        var count = Int64();
        if (count < 0 || count > _rest.Length / Unsafe.SizeOf<T>())
            throw new InvalidDataException($"state: array of {count}: {_rest.Length} bytes left");
        var values = new T[count];
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        Take(bytes.Length).CopyTo(bytes);
        return values;
    }

    /// <summary>The bytes of a part that loads itself.</summary>
    public ReadOnlySpan<byte> Part() => Take(checked((int)Int64()));

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
            throw new InvalidDataException($"state: {length} bytes expected, {_rest.Length} left");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
