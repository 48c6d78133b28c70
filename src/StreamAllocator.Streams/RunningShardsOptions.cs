namespace StreamAllocator.Streams;

public sealed record RunningShardsOptions
{
    /// <summary>
    /// Shortest time between two commits of a shard while it has more to fold. A commit costs about as much whatever is in it, and readers see
    /// nothing before it.
    /// </summary>
    public TimeSpan CommitEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Pause before a failed shard is opened anew; doubles with each failure in a row.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So many restarts of one shard within <see cref="RestartsWithin"/> are tried; the failure after them ends everything.</summary>
    public int MaxRestarts { get; init; } = 20;

    public TimeSpan RestartsWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a stop waits for the shards to drain.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public IEnumerable<string> Validate()
    {
        if (CommitEvery < TimeSpan.Zero)
            yield return $"commit every {CommitEvery}: expected 0 or more";
        if (FirstBackoff <= TimeSpan.Zero)
            yield return $"first back-off {FirstBackoff}: expected above 0";
        if (LongestBackoff < FirstBackoff)
            yield return $"longest back-off {LongestBackoff}: expected at least the first, {FirstBackoff}";
        if (MaxRestarts < 0)
            yield return $"max restarts {MaxRestarts}: expected 0 or more";
        if (RestartsWithin < FirstBackoff)
            yield return $"restarts within {RestartsWithin}: expected at least the first back-off, {FirstBackoff}";
        if (StopTimeout <= TimeSpan.Zero)
            yield return $"stop timeout {StopTimeout}: expected above 0";
    }
}
