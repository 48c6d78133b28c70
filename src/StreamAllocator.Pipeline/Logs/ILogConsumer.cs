namespace StreamAllocator.Pipeline.Logs;

/// <summary>One thread's view of the partitions it reads. Everything polled before the present poll has been committed or is given up.</summary>
public interface ILogConsumer : IDisposable
{
    /// <summary>What it reads now, in order of topic, then partition. Of a member it is empty until a poll told of the first assignment.</summary>
    IReadOnlyList<TopicPartition> Assignment { get; }

    /// <summary>
    /// Waits up to <paramref name="wait"/> for the next records of one partition and puts up to <paramref name="maxRecords"/> of them
    /// into <paramref name="batch"/> (which it clears first). Partitions take turns, so that none starves. Fewer than asked for may come
    /// though there are more (big records end a batch early), and <see cref="PollOutcome.Idle"/> before the wait is over. Within the poll
    /// that reports a hand-over the lost partitions are given up; those kept go on where they were; new ones start at the committed offset.
    /// </summary>
    /// <exception cref="LogFencedException">Another member took this one's name.</exception>
    PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait);

    /// <summary>
    /// Everything before this offset was polled, or is a gap. It comes to the partition's end offset where all was polled, also where
    /// that ends in a gap; there the poll that says <see cref="PollOutcome.Idle"/> may be the one that moves it.
    /// </summary>
    long Position(TopicPartition partition);

    /// <summary>Nothing is left to poll, as far as is known without asking: something may just have been committed.</summary>
    bool IsAtEnd(TopicPartition partition);

    /// <summary>
    /// The next poll of an assigned partition starts at this offset, or after it where the offset has no record (any more). An offset beyond
    /// the end is a <see cref="LogException"/>: whoever has it got it from another log, or this one has lost records.
    /// </summary>
    void Seek(TopicPartition partition, long offset);

    /// <summary>No records of this partition until <see cref="Resume"/>; it stays assigned. Forgotten when the partition is lost.</summary>
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
