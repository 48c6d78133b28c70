using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>
/// Writes the Protobuf wire format into a buffer that it reuses: no object a message, and the same bytes for the same values (fields in
/// the order of the calls). Held against the generated classes by tests. Belongs to one thread.
/// </summary>
public sealed class ProtoWriter
{
    private byte[] _bytes = new byte[4096];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Values of 0 are left out, as proto3 does.</summary>
    public void Int64(int field, long value)
    {
        if (value == 0)
            return;
        Key(field, WireType.Varint);
        Varint((ulong)value);
    }

    public void SInt64(int field, long value) => Int64(field, (value << 1) ^ (value >> 63));

    public void Bool(int field, bool value) => Int64(field, value ? 1 : 0);

    public void Float(int field, float value)
    {
        if (BitConverter.SingleToUInt32Bits(value) != 0)
            PresentFloat(field, value);
    }

    public void Double(int field, double value)
    {
        if (BitConverter.DoubleToUInt64Bits(value) != 0)
            PresentDouble(field, value);
    }

    /// <summary>A field with presence: written even where it is 0.</summary>
    public void PresentFloat(int field, float value)
    {
        Key(field, WireType.Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(Take(4), value);
    }

    /// <inheritdoc cref="PresentFloat"/>
    public void PresentDouble(int field, double value)
    {
        Key(field, WireType.Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);
    }

    public void Text(int field, string value)
    {
        if (value.Length > 0)
            PresentText(field, value);
    }

    /// <summary>An entry of a repeated string: written even where it is empty.</summary>
    public void PresentText(int field, string value)
    {
        Key(field, WireType.Bytes);
        var length = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        PresentBytes(field, value);
    }

    public void PresentBytes(int field, ReadOnlySpan<byte> value)
    {
        Key(field, WireType.Bytes);
        Varint((ulong)value.Length);
        value.CopyTo(Take(value.Length));
    }

    /// <summary>Fields that were encoded before.</summary>
    public void Encoded(ReadOnlySpan<byte> fields) => fields.CopyTo(Take(fields.Length));

    /// <summary>A packed column of fixed-width values: one copy of memory (machines are little-endian; checked once at start).</summary>
    public void Packed<T>(int field, ReadOnlySpan<T> values)
        where T : unmanaged => Bytes(field, MemoryMarshal.AsBytes(values));

    public void PackedVarints(int field, ReadOnlySpan<int> values)
    {
        if (values.IsEmpty)
            return;
        var mark = Begin(field);
        foreach (var value in values)
            Varint((ulong)value);
        End(mark);
    }

    public void PackedBools(int field, ReadOnlySpan<bool> values) => Packed(field, values);

    /// <summary>Opens a nested message; its length is filled in by <see cref="End"/>.</summary>
    public int Begin(int field)
    {
        Key(field, WireType.Bytes);
        Take(LengthWidth);
        return _length;
    }

    public void End(int mark)
    {
        var length = (uint)(_length - mark);
        var prefix = _bytes.AsSpan(mark - LengthWidth, LengthWidth);
        var width = VarintWidth(length);
        if (width < LengthWidth)
        {
            // The shortest form, as every other writer emits it: the same bytes as the generated classes'.
            _bytes.AsSpan(mark, (int)length).CopyTo(_bytes.AsSpan(mark - LengthWidth + width));
            _length -= LengthWidth - width;
        }

        for (var index = 0; index < width; index++)
        {
            prefix[index] = (byte)(index == width - 1 ? length : length | 0x80);
            length >>= 7;
        }
    }

    private const int LengthWidth = 5;

    private static int VarintWidth(uint value)
    {
        var width = 1;
        while (value >= 0x80)
        {
            value >>= 7;
            width++;
        }

        return width;
    }

    private void Key(int field, WireType type) => Varint((ulong)((field << 3) | (int)type));

    private void Varint(ulong value)
    {
        var target = Reserve(10);
        var width = 0;
        while (value >= 0x80)
        {
            target[width++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[width++] = (byte)value;
        _length += width;
    }

    private Span<byte> Take(int length)
    {
        var target = Reserve(length)[..length];
        _length += length;
        return target;
    }

    private Span<byte> Reserve(int length)
    {
        if (_length + length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(checked(_length + length), Math.Min(_bytes.Length * 2, Array.MaxLength)));
        return _bytes.AsSpan(_length);
    }
}
