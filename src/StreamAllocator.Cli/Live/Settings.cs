using StreamAllocator.Cli.Composition;
using StreamAllocator.History;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Server;

namespace StreamAllocator.Cli.Live;

/// <summary>All that a live allocator can be told, by file, environment and flags: the same keys.</summary>
internal sealed record Settings
{
    /// <summary>
    /// Tells this process from the others on its log: part of the names of its group members and of its transactional ids. The same at each start, so
    /// that a restart takes the place of the process that died, and no other's: two of one name take each other's place in turns.
    /// </summary>
    public string Instance { get; init; } = Environment.MachineName;

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
        if (Instance.Length is < 1 or > 100 || !Instance.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            yield return $"Instance '{Instance}': expected 1 to 100 characters of A-Z a-z 0-9 . _ -";
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
