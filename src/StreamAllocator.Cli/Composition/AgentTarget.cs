using StreamAllocator.Embedded;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// Where an agent publishes to, and what keeps its samples until then. Kafka may be away, at the start too, so it is opened when it is needed and
/// samples wait on the disk; a file is on this machine's disk itself, is opened at once, and a buffer in memory will do.
/// </summary>
internal sealed class AgentTarget : IDisposable
{
    private readonly Func<IEventLog> _connect;
    private IEventLog? _log;

    private AgentTarget(Func<IEventLog> connect, IEventLog? log) => (_connect, _log) = (connect, log);

    public bool IsKafka { get; private init; }

    /// <exception cref="UsageException">The configuration is not valid.</exception>
    public static AgentTarget OnKafka(LogAddress address)
    {
        var options = address.KafkaOptions();
        if (options.Validate().ToList() is { Count: > 0 } problems)
            throw new UsageException(problems);
        return new AgentTarget(() => KafkaLog.Open(options), null) { IsKafka = true };
    }

    /// <exception cref="LogException">It has no topic for telemetry.</exception>
    public static AgentTarget InFile(IEventLog log, Topics topics)
    {
        TopicSpec.Find(log, topics.Telemetry);
        return new AgentTarget(() => log, log);
    }

    public ILogAppender Open(string name) => (_log ??= _connect()).OpenAppender(name);

    public IEventLog OpenBuffer(string path) => IsKafka
        ? EmbeddedLog.Open(path, new EmbeddedLogOptions { SyncedTopics = SampleBuffer.SyncedTopics })
        : new InMemoryLog(new InMemoryLogOptions { DropConsumed = true });

    public void Dispose() => _log?.Dispose();
}
