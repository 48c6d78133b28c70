using Microsoft.Extensions.Logging;
using StreamAllocator.Cli.Live;
using StreamAllocator.Embedded;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Cli.Composition;

/// <summary>The value of <c>--log</c>: <c>memory</c>, <c>file:PATH</c> or <c>kafka:HOST:PORT[,HOST:PORT…]</c>.</summary>
/// <param name="Path">Of a file.</param>
/// <param name="Servers">Of Kafka.</param>
internal sealed record LogAddress(string? Path, string? Servers)
{
    public const string Default = "file:./streamallocator.db";

    public const string Expected = "memory, file:PATH or kafka:HOST:PORT[,HOST:PORT...]";

    /// <summary>Where a log file's snapshots stand: beside it.</summary>
    public string? SnapshotFolder => Path is null ? null : Path + ".snapshots";

    /// <param name="flag">What it was given by, for the message.</param>
    public static LogAddress Parse(string text, string flag = "--log") =>
        TryParse(text) ?? throw new UsageException($"{flag} '{text}': expected {Expected}");

    public static LogAddress? TryParse(string text)
    {
        if (text == "memory")
            return new LogAddress(null, null);
        if (text.StartsWith("file:", StringComparison.Ordinal) && text.Length > "file:".Length)
            return new LogAddress(text["file:".Length..], null);
        if (text.StartsWith("kafka:", StringComparison.Ordinal) && !new KafkaLogOptions { BootstrapServers = text["kafka:".Length..] }.Validate().Any())
            return new LogAddress(null, text["kafka:".Length..]);
        return null;
    }

    /// <summary>Opens a log to look into: one that does not exist, or that no other process can have written, is a mistake.</summary>
    public IEventLog OpenExisting()
    {
        if (Path is null && Servers is null)
            throw new UsageException("--log memory: another process cannot look into it; expected file:PATH or kafka:HOST:PORT");
        if (Path is not null && !File.Exists(Path))
            throw new UsageException($"--log file:{Path}: no such file");
        return Open(syncedTopics: [], dropConsumed: false);
    }

    /// <param name="syncedTopics">A commit that writes to one of them is on the disk before it returns: what follows leaves the process.</param>
    /// <param name="dropConsumed">A log in memory frees what every group has read; readers without a group may miss it.</param>
    /// <param name="kafka">How to speak to Kafka; null takes what the standard file and the environment say.</param>
    public IEventLog Open(IReadOnlyCollection<string> syncedTopics, bool dropConsumed = true, KafkaLogOptions? kafka = null, ILogger? logger = null)
    {
        if (Path is not null)
            return EmbeddedLog.Open(Path, new EmbeddedLogOptions { SyncedTopics = syncedTopics });
        if (Servers is not null)
            return KafkaLog.Open(KafkaOptions(kafka), logger);
        return new InMemoryLog(new InMemoryLogOptions { DropConsumed = dropConsumed });
    }

    /// <summary>Those of Kafka at this address.</summary>
    /// <param name="told">How to speak to it; null takes what the standard file and the environment say.</param>
    public KafkaLogOptions KafkaOptions(KafkaLogOptions? told = null) => (told ?? SettingsSource.Standard().Kafka) with { BootstrapServers = Servers! };

    /// <summary>Where the tasks of that log leave their snapshots: beside a file, in a topic of Kafka; nowhere for one in memory.</summary>
    public ISnapshots? Snapshots(IEventLog log, Topics topics)
    {
        if (SnapshotFolder is { } folder)
            return new SnapshotFolder(folder);
        return Servers is null ? null : new SnapshotTopic(log, topics.Snapshots);
    }
}
