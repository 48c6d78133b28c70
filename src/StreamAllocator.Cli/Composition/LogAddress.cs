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

    /// <param name="flag">What it was given by, for the message.</param>
    public static LogAddress Parse(string text, string flag = "--log")
    {
        if (text == "memory")
            return new LogAddress((string?)null);
        if (text.StartsWith("file:", StringComparison.Ordinal) && text.Length > "file:".Length)
            return new LogAddress(text["file:".Length..]);
        throw new UsageException($"{flag} '{text}': expected memory or file:PATH");
    }

    /// <summary>Opens a log to look into: one that does not exist, or that no other process can have written, is a mistake.</summary>
    public IEventLog OpenExisting()
    {
        if (Path is null)
            throw new UsageException("--log memory: another process cannot look into it; expected file:PATH");
        if (!File.Exists(Path))
            throw new UsageException($"--log file:{Path}: no such file");
        return Open(syncedTopics: [], dropConsumed: false);
    }

    /// <param name="syncedTopics">A commit that writes to one of them is on the disk before it returns: what follows leaves the process.</param>
    /// <param name="dropConsumed">A log in memory frees what every group has read; readers without a group may miss it.</param>
    public IEventLog Open(IReadOnlyCollection<string> syncedTopics, bool dropConsumed = true) => Path is null
        ? new InMemoryLog(new InMemoryLogOptions { DropConsumed = dropConsumed })
        : EmbeddedLog.Open(Path, new EmbeddedLogOptions { SyncedTopics = syncedTopics });
}
