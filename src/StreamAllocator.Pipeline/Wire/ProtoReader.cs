using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>
/// Reads the Protobuf wire format from a span: <see cref="Next"/>, then the value of the field's type; an unread value is skipped.
/// Malformed bytes are a <see cref="WireFormatException"/>, never an out-of-range access.
/// </summary>
public ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private bool _pending;

    public int Field { get; private set; }

    public WireType Type { get; private set; }

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    public bool Next()
    {
        if (_pending)
            Skip();
        if (_at == _bytes.Length)
            return false;
        var key = Varint();
        Field = (int)(key >> 3);
        Type = (WireType)(key & 7);
        if (Field is < 1 or > 536870911)
            throw new WireFormatException($"byte {_at}: field number {Field}: expected 1 to 536870911");
        if (Type is not (WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32))
            throw new WireFormatException($"byte {_at}: field {Field}: wire type {(int)Type}: expected 0, 1, 2 or 5");
        _pending = true;
        return true;
    }

    public long Int64()
    {
        Expect(WireType.Varint);
        return (long)Varint();
    }

    public int Int32() => (int)Int64();

    public long SInt64()
    {
        var value = (ulong)Int64();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public bool Bool() => Int64() != 0;

    public float Float()
    {
        Expect(WireType.Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    public double Double()
    {
        Expect(WireType.Fixed64);
        return BinaryPrimitives.ReadDoubleLittleEndian(Take(8));
    }

    public ReadOnlySpan<byte> Bytes()
    {
        Expect(WireType.Bytes);
        var length = Varint();
        if (length > (ulong)(_bytes.Length - _at))
            throw new WireFormatException($"byte {_at}: field {Field}: {length} bytes announced, {_bytes.Length - _at} left");
        return Take((int)length);
    }

    public string Text()
    {
        var bytes = Bytes();
        if (!Utf8.IsValid(bytes))
            throw new WireFormatException($"field {Field}: text that is not UTF-8");
        return Encoding.UTF8.GetString(bytes);
    }

    public ProtoReader Message() => new(Bytes());

    /// <summary>A packed column of fixed-width values, copied (a record's bytes need not be aligned) into a buffer that grows.</summary>
    public void Packed<T>(ref T[] into, out int count)
        where T : unmanaged
    {
        var bytes = Bytes();
        var size = Unsafe.SizeOf<T>();
        if (bytes.Length % size != 0)
            throw new WireFormatException($"field {Field}: {bytes.Length} bytes: expected a multiple of {size}");
        count = bytes.Length / size;
        if (into.Length < count)
            into = new T[Math.Max(count, into.Length * 2)];
        bytes.CopyTo(MemoryMarshal.AsBytes(into.AsSpan()));
    }

    /// <summary>A packed column of varints into a span; returns how many there were.</summary>
    public int PackedVarints(Span<int> into)
    {
        var column = new ProtoReader(Bytes());
        var count = 0;
        while (column._at < column._bytes.Length)
        {
            if (count == into.Length)
                throw new WireFormatException($"field {Field}: more than {into.Length} values");
            into[count++] = (int)column.Varint();
        }

        return count;
    }

    private void Expect(WireType type)
    {
        if (Type != type)
            throw new WireFormatException($"byte {_at}: field {Field}: wire type {Type}: expected {type}");
        _pending = false;
    }

    private void Skip()
    {
        switch (Type)
        {
            case WireType.Varint:
                Int64();
                break;
            case WireType.Fixed64:
                Double();
                break;
            case WireType.Fixed32:
                Float();
                break;
            default:
                Bytes();
                break;
        }
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at == _bytes.Length)
                throw new WireFormatException($"byte {_at}: the record ends within a number");
            var next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new WireFormatException($"byte {_at}: a number of more than 10 bytes");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _at)
            throw new WireFormatException($"byte {_at}: the record ends within field {Field}");
        var taken = _bytes.Slice(_at, length);
        _at += length;
        return taken;
    }
}
