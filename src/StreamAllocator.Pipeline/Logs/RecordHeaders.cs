using System.Buffers.Binary;
using System.Text;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>
/// Headers of a record as one span: for each header the length of its name (2 bytes, little-endian), the name in UTF-8, the length of its value
/// (4 bytes), the value. Headers that nobody asks for are passed on without being decoded.
/// </summary>
public static class RecordHeaders
{
    /// <summary>Header that names the message and its version: <c>streamallocator.v1.Forecast</c>.</summary>
    public const string Schema = "schema";

    /// <summary>Header of a record that an operator published again on purpose: it is no repetition.</summary>
    public const string Replayed = "replayed";

    public static byte[] Encode(params ReadOnlySpan<(string Name, byte[] Value)> headers)
    {
        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[4];
        foreach (var (name, value) in headers)
        {
            var encoded = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)encoded.Length));
            bytes.AddRange(length[..2]);
            bytes.AddRange(encoded);
            BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
            bytes.AddRange(length);
            bytes.AddRange(value);
        }

        return [.. bytes];
    }

    public static byte[] ForSchema(string schema) => Encode((Schema, Encoding.UTF8.GetBytes(schema)));

    /// <summary>Finds the first header of that name.</summary>
    public static bool TryFind(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (TryTake(ref headers, out var found, out value))
        {
            if (found.SequenceEqual(name))
                return true;
        }

        value = default;
        return false;
    }

    /// <summary>Takes the first header off the span; false at its end.</summary>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> headers, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (headers.IsEmpty)
        {
            name = value = default;
            return false;
        }

        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(headers);
        name = headers.Slice(2, nameLength);
        var valueLength = BinaryPrimitives.ReadInt32LittleEndian(headers[(2 + nameLength)..]);
        value = headers.Slice(6 + nameLength, valueLength);
        headers = headers[(6 + nameLength + valueLength)..];
        return true;
    }
}
