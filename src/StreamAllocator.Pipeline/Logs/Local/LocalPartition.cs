using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>A partition of a log within this process; touched under the log's lock only.</summary>
public abstract class LocalPartition(TopicPartition source, TopicSpec spec)
{
    /// <summary>A batch ends with the record that reaches this size, so that big records do not multiply with the batch size.</summary>
    protected const int MaxBatchBytes = 16 << 20;

    public TopicPartition Source { get; } = source;

    public TopicSpec Spec { get; } = spec;

    public abstract long BeginOffset { get; }

    public abstract long EndOffset { get; }

    /// <summary>Offset of the first record at or after that event time, or the end.</summary>
    public abstract long OffsetAt(EventTime time);

    /// <summary>Adds records from the reader's place on to the batch and moves the reader.</summary>
    public abstract void Read(PartitionReader reader, RecordBatch batch, int maxRecords);
}

/// <summary>How far one consumer has read one partition.</summary>
public sealed class PartitionReader(LocalPartition partition, long next) : IDisposable
{
    private int _at;
    private bool _owned;

    public LocalPartition Partition { get; } = partition;

    /// <summary>The next record's offset, or one below it where there is a gap.</summary>
    public long Next { get; private set; } = next;

    public bool Paused { get; set; }

    /// <summary>The segment it stands in, where that is known and still there.</summary>
    public Segment? Segment { get; private set; }

    public bool HasMore => !Paused && Next < Partition.EndOffset;

    public void Seek(long offset)
    {
        Next = offset;
        Leave();
    }

    /// <param name="owned">The segment is a copy for this reader alone, who disposes of it.</param>
    public void Enter(Segment segment, bool owned = false)
    {
        Leave();
        Segment = segment;
        _owned = owned;
        _at = 0;
        Next = Math.Max(Next, segment.BaseOffset);
    }

    /// <summary>Moves past records that are no longer there.</summary>
    public void SkipTo(long offset) => Next = Math.Max(Next, offset);

    /// <summary>Reads on in its segment; false where the batch is full.</summary>
    public bool Fill(RecordBatch batch, int maxRecords, int maxBytes)
    {
        var next = Next;
        var hasRoom = Segment!.Fill(batch, maxRecords, maxBytes, ref _at, ref next);
        Next = next;
        return hasRoom;
    }

    public void Dispose() => Leave();

    private void Leave()
    {
        if (_owned)
            Segment!.Dispose();
        Segment = null;
        _owned = false;
    }
}
