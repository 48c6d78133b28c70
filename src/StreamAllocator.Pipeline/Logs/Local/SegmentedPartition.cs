using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>A partition held wholly in memory, as segments.</summary>
/// <param name="start">Its first offset.</param>
public sealed class SegmentedPartition(TopicPartition source, TopicSpec spec, long start = 0) : LocalPartition(source, spec)
{
    /// <summary>A segment is full at this size; what lies in full segments can be dropped.</summary>
    public const int SegmentBytes = 256 << 10;

    private readonly List<Segment> _segments = [];
    private EventTime _maxTime = EventTime.Unknown;
    private long _begin = start;
    private long _end = start;
    private long _compactedTo;
    private long _bytesSinceCompaction;
    private long _bytesAfterCompaction;

    public override long BeginOffset => _begin;

    public override long EndOffset => _end;

    public long ByteCount
    {
        get
        {
            var sum = 0L;
            foreach (var segment in _segments)
                sum += segment.ByteCount;
            return sum;
        }
    }

    public void Append(PendingRecords records)
    {
        if (_segments.Count == 0 || _segments[^1].ByteCount >= SegmentBytes || !_segments[^1].Reaches(_end + records.Count))
            _segments.Add(new Segment(_end));
        _segments[^1].Append(records.Bytes, _end, _end + records.Count, records.MaxTime);
        _end += records.Count;
        if (records.MaxTime > _maxTime)
            _maxTime = records.MaxTime;
        _bytesSinceCompaction += records.Bytes.Length;
        CleanUp();
    }

    /// <summary>Counts records as written and gone, without keeping them.</summary>
    public void Pass(int count)
    {
        foreach (var segment in _segments)
            segment.Dispose();
        _segments.Clear();
        _end += count;
        _begin = _end;
    }

    /// <summary>Frees full segments that end at or before this offset.</summary>
    public void DropBefore(long offset)
    {
        var count = 0;
        while (count < _segments.Count - 1 && _segments[count].NextOffset <= offset)
            count++;
        DropFirst(count);
    }

    /// <summary>Frees the oldest full segments while there are more bytes than that.</summary>
    public void Trim(long maxBytes)
    {
        var bytes = ByteCount;
        var count = 0;
        while (count < _segments.Count - 1 && bytes > maxBytes)
            bytes -= _segments[count++].ByteCount;
        DropFirst(count);
    }

    public override long OffsetAt(EventTime time)
    {
        foreach (var segment in _segments)
        {
            if (segment.MaxTime < time)
                continue;
            var at = 0;
            while (segment.TryRead(ref at, out var record))
            {
                if (record.Time >= time)
                    return record.Offset;
            }
        }

        return _end;
    }

    public override void Read(PartitionReader reader, RecordBatch batch, int maxRecords)
    {
        reader.SkipTo(_begin);
        while (reader.Next < _end)
        {
            if (reader.Segment is null or { Dropped: true } || reader.Next >= reader.Segment.NextOffset)
            {
                if (IndexOf(reader.Next) is not { } index)
                {
                    reader.SkipTo(_end);
                    return;
                }

                reader.Enter(_segments[index]);
            }

            if (!reader.Fill(batch, maxRecords, MaxBatchBytes))
                return;
            reader.SkipTo(reader.Segment!.NextOffset);
        }
    }

    /// <summary>The first segment with records at or after this offset.</summary>
    private int? IndexOf(long offset)
    {
        int low = 0, high = _segments.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_segments[middle].NextOffset > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low < _segments.Count ? low : null;
    }

    private void CleanUp()
    {
        if (Spec.CleanUp.HasFlag(Logs.CleanUp.Delete) && Spec.Retention is { } retention && _segments.Count > 1)
        {
            var count = 0;
            while (count < _segments.Count - 1 && _segments[count].MaxTime < _maxTime - retention)
                count++;
            DropFirst(count);
        }

        if (Spec.CleanUp.HasFlag(Logs.CleanUp.Compact) && _bytesSinceCompaction >= Math.Max(SegmentBytes, _bytesAfterCompaction))
            Compact();
    }

    private void DropFirst(int count)
    {
        if (count == 0)
            return;
        for (var i = 0; i < count; i++)
            _segments[i].Dispose();
        _segments.RemoveRange(0, count);
        _begin = _segments[0].BaseOffset;
    }

    // Amortised: as many bytes were written since the last time as there were then, so each byte is copied about twice in its life.
    private void Compact()
    {
        var compaction = new Compaction(_compactedTo);
        foreach (var segment in _segments)
            compaction.Observe(segment);
        var kept = new List<Segment>();
        foreach (var segment in _segments)
        {
            var at = 0;
            while (segment.TryRead(ref at, out var record))
            {
                if (!compaction.Keeps(record))
                    continue;
                if (kept.Count == 0 || kept[^1].ByteCount >= SegmentBytes || !kept[^1].Reaches(record.Offset))
                    kept.Add(new Segment(record.Offset));
                kept[^1].Append(record);
            }

            segment.Dispose();
        }

        _segments.Clear();
        _segments.AddRange(kept);
        _compactedTo = _end;
        _bytesSinceCompaction = 0;
        _bytesAfterCompaction = ByteCount;
    }
}
