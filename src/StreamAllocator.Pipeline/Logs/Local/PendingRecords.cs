using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>What an open transaction has for one partition, packed from offset 0 upwards.</summary>
public sealed class PendingRecords(LocalPartition partition) : IDisposable
{
    private byte[] _bytes = [];
    private int _used;

    public LocalPartition Partition { get; } = partition;

    public int Count { get; private set; }

    /// <summary>The latest event time among them.</summary>
    public EventTime MaxTime { get; private set; } = EventTime.Unknown;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _used);

    public void Add(in LogRecord record)
    {
        var size = PackedRecords.SizeOf(record);
        Reserve(checked(_used + size));
        PackedRecords.Write(_bytes.AsSpan(_used), Count, record);
        _used += size;
        Count++;
        if (record.Time > MaxTime)
            MaxTime = record.Time;
    }

    public void Clear()
    {
        Count = 0;
        _used = 0;
        MaxTime = EventTime.Unknown;
    }

    public void Dispose()
    {
        Clear();
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Reserve(int needed)
    {
        if (needed <= _bytes.Length)
            return;
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, Math.Max(1024, _bytes.Length * 2L)), Array.MaxLength));
        Bytes.CopyTo(grown);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }
}
