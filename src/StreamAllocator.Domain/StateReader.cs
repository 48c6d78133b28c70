using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamAllocator.Domain;

/// <summary>Reads what <see cref="StateWriter"/> wrote. A state that ends early is an <see cref="InvalidDataException"/>: nothing is guessed.</summary>
public ref struct StateReader(ReadOnlySpan<byte> from)
{
    /// <summary>What has not been read yet.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = from;

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public int Int32() => checked((int)Int64());

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public bool Bool() => Int64() != 0;

    public string Text() => Encoding.UTF8.GetString(Part());

    public T[] Array<T>()
        where T : unmanaged
    {
        var count = Int64();
        if (count < 0 || count > Rest.Length / Unsafe.SizeOf<T>())
            throw new InvalidDataException($"state: array of {count}: {Rest.Length} bytes left");
        var values = new T[count];
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        Take(bytes.Length).CopyTo(bytes);
        return values;
    }

    public T Value<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    /// <summary>How many parts follow: never more than the bytes that are left.</summary>
    public int Count()
    {
        var count = Int64();
        return count >= 0 && count <= Rest.Length ? (int)count : throw new InvalidDataException($"state: {count} parts in {Rest.Length} bytes");
    }

    /// <summary>The bytes of a part that loads itself.</summary>
    public ReadOnlySpan<byte> Part() => Take(checked((int)Int64()));

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)Rest.Length)
            throw new InvalidDataException($"state: {length} bytes expected, {Rest.Length} left");
        var taken = Rest[..length];
        Rest = Rest[length..];
        return taken;
    }
}
