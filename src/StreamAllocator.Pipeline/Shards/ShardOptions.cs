namespace StreamAllocator.Pipeline.Shards;

public sealed record ShardOptions
{
    /// <summary>Most records that one step folds.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>How long a poll waits where there is nothing to read.</summary>
    public TimeSpan PollWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Records of a partition between two snapshots of its task.</summary>
    public int SnapshotEvery { get; init; } = 2_000;

    /// <summary>Largest share of a live shard's time that goes into snapshots, above 0 to 1: those of a large state come less often.</summary>
    public double SnapshotShare { get; init; } = 0.05;

    /// <summary>For the snapshots of an orderly stop; what does not fit, by what it took the last time, is left out.</summary>
    public TimeSpan FarewellSnapshots { get; init; } = TimeSpan.FromSeconds(2);

    public IEnumerable<string> Validate()
    {
        if (BatchSize < 1)
            yield return $"batch size {BatchSize}: expected 1 or more";
        if (PollWait < TimeSpan.Zero)
            yield return $"poll wait {PollWait}: expected 0 or more";
        if (SnapshotEvery < 1)
            yield return $"snapshot every {SnapshotEvery} records: expected 1 or more";
        if (!(SnapshotShare > 0 && SnapshotShare <= 1))
            yield return $"snapshot share {SnapshotShare}: expected above 0, at most 1";
        if (FarewellSnapshots < TimeSpan.Zero)
            yield return $"farewell snapshots {FarewellSnapshots}: expected 0 or more";
    }
}
