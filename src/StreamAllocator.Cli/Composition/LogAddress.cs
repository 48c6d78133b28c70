using StreamAllocator.Embedded;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Cli.Composition;

/// <summary>The value of <c>--log</c>: <c>memory</c> or <c>file:PATH</c>.</summary>
internal sealed record LogAddress(string? Path)
{
    public const string Default = "file:./streamallocator.db";

    /// <summary>Snapshots stand beside the log file; a log in memory has none.</summary>
    public string? SnapshotFolder => Path is null ? null : Path + ".snapshots";

    public static LogAddress Parse(string text)
    {
        if (text == "memory")
            return new LogAddress((string?)null);
        if (text.StartsWith("file:", StringComparison.Ordinal) && text.Length > "file:".Length)
            return new LogAddress(text["file:".Length..]);
        throw new UsageException($"--log '{text}': expected memory or file:PATH");
    }

    /// <param name="syncedTopics">A commit that writes to one of them is on the disk before it returns: what follows leaves the process.</param>
    /// <param name="dropConsumed">A log in memory frees what every group has read; readers without a group may miss it.</param>
    public IEventLog Open(IReadOnlyCollection<string> syncedTopics, bool dropConsumed = true) => Path is null
        ? new InMemoryLog(new InMemoryLogOptions { DropConsumed = dropConsumed })
        : EmbeddedLog.Open(Path, new EmbeddedLogOptions { SyncedTopics = syncedTopics });
}
