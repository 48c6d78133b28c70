namespace StreamAllocator.Pipeline.Logs;

/// <summary>One thread's view of the partitions it reads. Everything polled before the present poll has been committed or is given up.</summary>
public interface ILogConsumer : IDisposable
{
    /// <summary>What it reads now, in order of topic, then partition.</summary>
    IReadOnlyList<TopicPartition> Assignment { get; }

    /// <summary>
    /// Waits up to <paramref name="wait"/> for the next records of one partition and puts up to <paramref name="maxRecords"/> of them
    /// into <paramref name="batch"/> (which it clears first). Partitions take turns, so that none starves.
    /// </summary>
    PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait);

    /// <summary>The next poll of an assigned partition starts at this offset, or after it where the offset has no record.</summary>
    void Seek(TopicPartition partition, long offset);

    /// <summary>No records of this partition until <see cref="Resume"/>; it stays assigned.</summary>
    void Pause(TopicPartition partition);

    void Resume(TopicPartition partition);
}

public enum PollOutcome
{
    /// <summary>Nothing came within the wait.</summary>
    Idle,

    /// <summary>The batch holds at least one record.</summary>
    Records,

    /// <summary><see cref="ILogConsumer.Assignment"/> is another than before; the batch is empty. State of lost partitions must go.</summary>
    AssignmentChanged,
}
