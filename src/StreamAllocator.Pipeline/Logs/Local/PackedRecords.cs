using System.Buffers.Binary;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>
/// The form of records at rest, in memory and in the embedded log's file, little-endian: offset less the offset of the block (4 bytes), event
/// time in Unix milliseconds (8), lengths of key, headers and value (4 each), then the three. Offsets within a block ascend.
/// </summary>
public static class PackedRecords
{
    public const int HeaderSize = 24;

    public static int SizeOf(in LogRecord record) =>
        checked(HeaderSize + record.Key.Length + record.Headers.Length + record.Value.Length);

    /// <summary>Writes a record at the start of the span, which has room for it.</summary>
    public static void Write(Span<byte> target, int offsetInBlock, in LogRecord record)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, offsetInBlock);
        BinaryPrimitives.WriteInt64LittleEndian(target[4..], record.Time.UnixMilliseconds);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], record.Key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], record.Headers.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], record.Value.Length);
        record.Key.CopyTo(target[HeaderSize..]);
        record.Headers.CopyTo(target[(HeaderSize + record.Key.Length)..]);
        record.Value.CopyTo(target[(HeaderSize + record.Key.Length + record.Headers.Length)..]);
    }

    /// <summary>The record at the start of the span; <paramref name="size"/> is where the next one begins.</summary>
    public static LogRecord Read(ReadOnlySpan<byte> source, long blockOffset, out int size)
    {
        var offset = blockOffset + BinaryPrimitives.ReadInt32LittleEndian(source);
        var time = new EventTime(BinaryPrimitives.ReadInt64LittleEndian(source[4..]));
        var key = BinaryPrimitives.ReadInt32LittleEndian(source[12..]);
        var headers = BinaryPrimitives.ReadInt32LittleEndian(source[16..]);
        var value = BinaryPrimitives.ReadInt32LittleEndian(source[20..]);
        size = HeaderSize + key + headers + value;
        return new LogRecord(
            offset,
            time,
            source.Slice(HeaderSize, key),
            source.Slice(HeaderSize + key, headers),
            source.Slice(HeaderSize + key + headers, value));
    }

    /// <summary>Moves the records of a block by so many offsets, in place.</summary>
    public static void Shift(Span<byte> block, int offsets)
    {
        while (!block.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(block, BinaryPrimitives.ReadInt32LittleEndian(block) + offsets);
            var size = HeaderSize
                + BinaryPrimitives.ReadInt32LittleEndian(block[12..])
                + BinaryPrimitives.ReadInt32LittleEndian(block[16..])
                + BinaryPrimitives.ReadInt32LittleEndian(block[20..]);
            block = block[size..];
        }
    }
}
