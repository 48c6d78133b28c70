using StreamAllocator.Cli.Composition;
using StreamAllocator.History;
using StreamAllocator.Pipeline;
using StreamAllocator.Server;

namespace StreamAllocator.Cli.Live;

/// <summary>All that a live allocator can be told, by file, environment and flags: the same keys.</summary>
internal sealed record Settings
{
    public string Log { get; init; } = LogAddress.Default;

    public string TopicPrefix { get; init; } = Topics.DefaultPrefix;

    /// <summary>Commands are recorded, and nothing is applied.</summary>
    public bool DryRun { get; init; }

    public AllocatorOptions Allocator { get; init; } = new();

    public ServerOptions Server { get; init; } = new();

    public HistoryOptions History { get; init; } = new();

    public IEnumerable<string> Validate()
    {
        if (Log != "memory" && !(Log.StartsWith("file:", StringComparison.Ordinal) && Log.Length > "file:".Length))
            yield return $"Log '{Log}': expected memory or file:PATH";
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
