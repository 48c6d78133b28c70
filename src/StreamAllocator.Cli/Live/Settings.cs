using StreamAllocator.Cli.Composition;
using StreamAllocator.History;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Server;

namespace StreamAllocator.Cli.Live;

/// <summary>All that a live allocator can be told, by file, environment and flags: the same keys.</summary>
internal sealed record Settings
{
    public string Log { get; init; } = LogAddress.Default;

    /// <summary>How a log on Kafka is spoken to; <see cref="Log"/> says where it is.</summary>
    public KafkaLogOptions Kafka { get; init; } = new();

    public string TopicPrefix { get; init; } = Topics.DefaultPrefix;

    /// <summary>Commands are recorded, and nothing is applied.</summary>
    public bool DryRun { get; init; }

    public AllocatorOptions Allocator { get; init; } = new();

    public ServerOptions Server { get; init; } = new();

    public HistoryOptions History { get; init; } = new();

    public IEnumerable<string> Validate()
    {
        if (LogAddress.TryParse(Log) is null)
            yield return $"Log '{Log}': expected {LogAddress.Expected}";
        foreach (var violation in Kafka.Validate())
            yield return $"Kafka: {violation}";
        if (TopicPrefix.Length == 0)
            yield return "TopicPrefix '': expected at least one character";
        foreach (var violation in Allocator.Validate())
            yield return $"Allocator: {violation}";
        foreach (var violation in Server.Validate())
            yield return $"Server: {violation}";
        foreach (var violation in History.Validate())
            yield return $"History: {violation}";
    }
}
