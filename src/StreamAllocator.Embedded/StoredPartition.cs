using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.Local;

namespace StreamAllocator.Embedded;

/// <summary>
/// A partition in the file, with its newest records in memory too. A commit writes in a transaction (<see cref="Write"/>), and what is
/// remembered here follows once that has succeeded (<see cref="Apply"/>) or is left as it was (<see cref="Discard"/>).
/// </summary>
internal sealed class StoredPartition : LocalPartition
{
    private const int ReadAheadBytes = SegmentedPartition.SegmentBytes;
    private const int CleanedChunksPerCommit = 16;
    private const int CompactedBytesPerCommit = 512 << 10;

    private readonly LogStore _store;
    private readonly SegmentedPartition _tail;
    private readonly int _tailBytes;
    private State _state;
    private State _staged;
    private CompactionPass? _pass;

    public StoredPartition(LogStore store, TopicPartition source, TopicSpec spec, long number, int tailBytes)
        : base(source, spec)
    {
        _store = store;
        Number = number;
        _tailBytes = tailBytes;
        var (begin, compactedTo, end, highest) = store.Bounds(number);
        _tail = new SegmentedPartition(source, new TopicSpec(source.Topic, spec.Partitions), end);
        var (before, since) = spec.CleanUp.HasFlag(CleanUp.Compact) ? store.BytesAround(number, compactedTo) : default;
        _state = new State(begin, end, highest, EventTime.Unknown, compactedTo, before, since);
    }

    /// <summary>Its number in the file.</summary>
    public long Number { get; }

    public override long BeginOffset => _state.Begin;

    public override long EndOffset => _state.End;

    /// <summary>Writes records, and cleans up a little, within a transaction.</summary>
    public void Write(PendingRecords records)
    {
        _staged = _state with
        {
            End = _state.End + records.Count,
            HighestTime = records.MaxTime > _state.HighestTime ? records.MaxTime : _state.HighestTime,
            BytesSince = _state.BytesSince + records.Bytes.Length,
        };
        _store.Insert(Number, _state.End, _staged.End, records.MaxTime, _staged.HighestTime, records.Bytes);
        if (Spec.CleanUp.HasFlag(CleanUp.Delete) && Spec.Retention is { } retention)
            DropOlderThan(_staged.HighestTime - retention);
        if (Spec.CleanUp.HasFlag(CleanUp.Compact))
            Compact();
        if (_staged.Begin != _state.Begin || _staged.CompactedTo != _state.CompactedTo)
            _store.SetCleaned(Number, _staged.Begin, _staged.CompactedTo);
    }

    public void Apply(PendingRecords records)
    {
        _state = _staged;
        if (_pass is { Done: true })
            _pass = null;
        _tail.Append(records);
        _tail.Trim(_tailBytes);
    }

    public void Discard() => _pass = null;

    public override long OffsetAt(EventTime time) => _store.OffsetAt(Number, _state.Begin, _state.End, time) ?? _state.End;

    public override void Read(PartitionReader reader, RecordBatch batch, int maxRecords)
    {
        reader.SkipTo(_state.Begin);
        while (reader.Next < _state.End)
        {
            if (reader.Next >= _tail.BeginOffset)
            {
                _tail.Read(reader, batch, maxRecords);
                return;
            }

            if (reader.Segment is null or { Dropped: true } || reader.Next >= reader.Segment.NextOffset)
            {
                if (Load(reader.Next) is not { } loaded)
                {
                    reader.SkipTo(_tail.BeginOffset);
                    continue;
                }

                reader.Enter(loaded, owned: true);
            }

            if (!reader.Fill(batch, maxRecords, MaxBatchBytes))
                return;
            reader.SkipTo(reader.Segment!.NextOffset);
        }
    }

    private Segment? Load(long offset)
    {
        Segment? loaded = null;
        _store.Visit(Number, _store.ChunkAt(Number, offset), chunk =>
        {
            loaded ??= new Segment(chunk.Offset);
            if (!loaded.Reaches(chunk.Next))
                return false;
            loaded.Append(chunk.Records, chunk.Offset, chunk.Next, chunk.MaxTime);
            return loaded.ByteCount < ReadAheadBytes;
        });
        return loaded;
    }

    private void DropOlderThan(EventTime limit)
    {
        if (_staged.OldestTime >= limit)
            return;
        Span<(long Offset, long Next, EventTime MaxTime)> oldest = stackalloc (long, long, EventTime)[CleanedChunksPerCommit];
        oldest = oldest[.._store.Oldest(Number, oldest)];
        foreach (var (offset, next, maxTime) in oldest)
        {
            // The newest chunk stays in any case: it tells where the partition ends.
            if (maxTime >= limit || next == _staged.End)
            {
                _staged = _staged with { OldestTime = maxTime };
                return;
            }

            _store.Delete(Number, offset);
            _staged = _staged with { Begin = next };
        }
    }

    private void Compact()
    {
        if (_pass is null && _state.BytesSince >= Math.Max(SegmentedPartition.SegmentBytes, _state.BytesCompacted))
            _pass = new CompactionPass(_store, Number, _state.Begin, _state.End, _state.CompactedTo);
        if (_pass is null)
            return;
        _pass.Advance(CompactedBytesPerCommit);
        if (!_pass.Done)
            return;
        var (before, since) = _store.BytesAround(Number, _pass.Horizon);
        _staged = _staged with { CompactedTo = _pass.Horizon, BytesCompacted = before, BytesSince = since };
    }

    /// <param name="OldestTime">Latest event time of the oldest chunk, or before that: nothing is to be dropped below it.</param>
    private readonly record struct State(
        long Begin, long End, EventTime HighestTime, EventTime OldestTime, long CompactedTo, long BytesCompacted, long BytesSince);
}
