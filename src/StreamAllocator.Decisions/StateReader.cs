using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamAllocator.Decisions;

/// <summary>Reads what <see cref="StateWriter"/> wrote.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> from)
{
    public ReadOnlySpan<byte> Rest { get; private set; } = from;

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    /// <summary>How many parts follow: never more than the bytes that are left.</summary>
    public int Count()
    {
        var count = Int64();
        return count >= 0 && count <= Rest.Length ? (int)count : throw new InvalidDataException($"a state with {count} parts in {Rest.Length} bytes");
    }

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public T Value<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Rest.Length)
            throw new InvalidDataException($"a state that ends {length - Rest.Length} bytes early");
        var taken = Rest[..length];
        Rest = Rest[length..];
        return taken;
    }
}
