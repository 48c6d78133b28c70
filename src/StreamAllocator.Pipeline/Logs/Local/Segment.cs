using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>A run of records of one partition in one block of pooled memory.</summary>
public sealed class Segment(long baseOffset) : IDisposable
{
    private const int SmallestBlock = 4096;
    private byte[] _bytes = [];
    private int _used;

    public long BaseOffset { get; } = baseOffset;

    /// <summary>The offset after its last record.</summary>
    public long NextOffset { get; private set; } = baseOffset;

    /// <summary>The latest event time in it.</summary>
    public EventTime MaxTime { get; private set; } = EventTime.Unknown;

    /// <summary>It was dropped: a reader that stands in it must look for its place anew.</summary>
    public bool Dropped { get; private set; }

    public int ByteCount => _used;

    /// <summary>Whether a record of this offset can be told apart from the base in the 4 bytes that there are for it.</summary>
    public bool Reaches(long offset) => offset - BaseOffset <= int.MaxValue;

    /// <summary>Adds a block of records packed for a base of <paramref name="blockOffset"/>, at or after the segment's end.</summary>
    /// <param name="next">The offset after the block; records up to it may be missing.</param>
    public void Append(ReadOnlySpan<byte> block, long blockOffset, long next, EventTime maxTime)
    {
        var target = Reserve(block.Length);
        block.CopyTo(target);
        PackedRecords.Shift(target, checked((int)(blockOffset - BaseOffset)));
        _used += block.Length;
        NextOffset = next;
        Extend(maxTime);
    }

    /// <summary>Adds one record that keeps its offset, which is not below <see cref="NextOffset"/>.</summary>
    public void Append(in LogRecord record)
    {
        var size = PackedRecords.SizeOf(record);
        PackedRecords.Write(Reserve(size), checked((int)(record.Offset - BaseOffset)), record);
        _used += size;
        NextOffset = record.Offset + 1;
        Extend(record.Time);
    }

    /// <summary>
    /// Copies records from offset <paramref name="next"/> on into the batch until it holds <paramref name="maxRecords"/> or
    /// <paramref name="maxBytes"/>; <paramref name="at"/> is the reader's place in bytes. False where the batch is full.
    /// </summary>
    public bool Fill(RecordBatch batch, int maxRecords, int maxBytes, ref int at, ref long next)
    {
        while (at < _used)
        {
            if (batch.Count >= maxRecords || batch.ByteCount >= maxBytes)
                return false;
            var record = PackedRecords.Read(_bytes.AsSpan(at, _used - at), BaseOffset, out var size);
            at += size;
            if (record.Offset < next)
                continue;
            batch.Append(record.Offset, record.Time, record.Key, record.Headers, record.Value);
            next = record.Offset + 1;
        }

        return true;
    }

    /// <summary>Takes the record at <paramref name="at"/> and moves past it; false at the end.</summary>
    public bool TryRead(ref int at, out LogRecord record)
    {
        if (at >= _used)
        {
            record = default;
            return false;
        }

        record = PackedRecords.Read(_bytes.AsSpan(at, _used - at), BaseOffset, out var size);
        at += size;
        return true;
    }

    public void Dispose()
    {
        if (Dropped)
            return;
        Dropped = true;
        _used = 0;
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Extend(EventTime time)
    {
        if (time > MaxTime)
            MaxTime = time;
    }

    private Span<byte> Reserve(int size)
    {
        var needed = checked(_used + size);
        if (needed > _bytes.Length)
        {
            var wanted = Math.Max(needed, Math.Max(SmallestBlock, Math.Min(_bytes.Length * 2L, Array.MaxLength)));
            var grown = ArrayPool<byte>.Shared.Rent((int)wanted);
            _bytes.AsSpan(0, _used).CopyTo(grown);
            if (_bytes.Length > 0)
                ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = grown;
        }

        return _bytes.AsSpan(_used, size);
    }
}
