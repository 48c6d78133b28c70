namespace StreamAllocator.Embedded;

public sealed record EmbeddedLogOptions
{
    /// <summary>
    /// Topics whose records leave the process (commands): a commit that carries one of theirs is on the disk before it returns. Any other
    /// survives a kill at once, and a power cut once a later one of these, or a checkpoint, has synced the file.
    /// </summary>
    public IReadOnlyCollection<string> SyncedTopics { get; init; } = [];

    /// <summary>Most recent records kept in memory, bytes a partition, so that who keeps up never reads the file.</summary>
    public int TailBytes { get; init; } = 1 << 20;

    /// <summary>The file does not grow beyond this; commits fail then. Null: as far as the disk goes.</summary>
    public long? MaxFileBytes { get; init; }

    public IEnumerable<string> Validate()
    {
        if (TailBytes < 0)
            yield return $"{nameof(TailBytes)} is at least 0, not {TailBytes}";
        if (MaxFileBytes < 1 << 16)
            yield return $"{nameof(MaxFileBytes)} is at least 65536, not {MaxFileBytes}";
    }
}
