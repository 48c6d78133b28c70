using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs.Local;

namespace StreamAllocator.Embedded;

/// <summary>
/// One compaction of a partition up to a fixed offset, in portions: first it learns the newest record of each key, then it rewrites the
/// chunks that hold others. A pass that is given up half-way has changed nothing that the next one would not do.
/// </summary>
internal sealed class CompactionPass(LogStore store, long partition, long begin, long horizon, long compactedTo)
{
    private readonly Compaction _compaction = new(compactedTo);
    private long _observedTo = begin;
    private long _rewrittenTo = begin;

    public long Horizon { get; } = horizon;

    public bool Done => _rewrittenTo >= Horizon;

    /// <summary>Goes on for about so many bytes, within a transaction.</summary>
    public void Advance(int bytes)
    {
        if (_observedTo < Horizon)
            Observe(bytes);
        else
            Rewrite(bytes);
    }

    private void Observe(int bytes)
    {
        var last = Horizon;
        store.Visit(partition, _observedTo, chunk =>
        {
            if (chunk.Offset >= Horizon)
                return false;
            var rest = chunk.Records;
            while (!rest.IsEmpty)
            {
                _compaction.Observe(PackedRecords.Read(rest, chunk.Offset, out var size));
                rest = rest[size..];
            }

            bytes -= chunk.Records.Length;
            if (bytes > 0)
                return true;
            last = Math.Min(chunk.Next, Horizon);
            return false;
        });
        _observedTo = last;
    }

    private void Rewrite(int bytes)
    {
        var last = Horizon;
        var changed = new List<(long Offset, EventTime MaxTime, byte[] Records)>();
        store.Visit(partition, _rewrittenTo, chunk =>
        {
            if (chunk.Offset >= Horizon)
                return false;
            if (Shrink(chunk, out var maxTime) is { } kept)
                changed.Add((chunk.Offset, maxTime, kept));
            bytes -= chunk.Records.Length;
            if (bytes > 0)
                return true;
            last = Math.Min(chunk.Next, Horizon);
            return false;
        });
        foreach (var (offset, maxTime, records) in changed)
        {
            if (records.Length == 0)
                store.Delete(partition, offset);
            else
                store.Replace(partition, offset, maxTime, records);
        }

        _rewrittenTo = last;
    }

    /// <summary>What stays of a chunk; null where all of it does.</summary>
    private byte[]? Shrink(Chunk chunk, out EventTime maxTime)
    {
        maxTime = EventTime.Unknown;
        var kept = new byte[chunk.Records.Length];
        var used = 0;
        var rest = chunk.Records;
        while (!rest.IsEmpty)
        {
            var record = PackedRecords.Read(rest, chunk.Offset, out var size);
            if (_compaction.Keeps(record))
            {
                rest[..size].CopyTo(kept.AsSpan(used));
                used += size;
                if (record.Time > maxTime)
                    maxTime = record.Time;
            }

            rest = rest[size..];
        }

        return used == kept.Length ? null : kept[..used];
    }
}
