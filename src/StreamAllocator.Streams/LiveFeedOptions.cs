namespace StreamAllocator.Streams;

public sealed record LiveFeedOptions
{
    /// <summary>Most records of one poll.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Polls with records that wait for a subscriber before it counts as too slow.</summary>
    public int BufferedBatches { get; init; } = 1024;

    /// <summary>How long a poll waits where there is nothing to read: also the longest time until a new subscriber is attached.</summary>
    public TimeSpan PollWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A catch-up that gets nothing for so long has all there is, though it did not meet the offset at which the live records take over: the
    /// last offsets of a Kafka partition may be marks of transactions, which are not records.
    /// </summary>
    public TimeSpan CatchUpWait { get; init; } = TimeSpan.FromSeconds(2);

    public IEnumerable<string> Validate()
    {
        if (BatchSize < 1)
            yield return $"batch size {BatchSize}: expected 1 or more";
        if (BufferedBatches < 1)
            yield return $"buffered batches {BufferedBatches}: expected 1 or more";
        if (PollWait <= TimeSpan.Zero)
            yield return $"poll wait {PollWait}: expected above 0";
        if (CatchUpWait < PollWait)
            yield return $"catch-up wait {CatchUpWait}: expected at least the poll wait, {PollWait}";
    }
}
