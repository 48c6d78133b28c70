using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>
/// The log on Apache Kafka (4.0 or newer; older brokers are not tried). Topics are the broker's topics, groups its consumer groups with static
/// members, commits its transactions.
/// </summary>
public sealed class KafkaLog : IEventLog
{
    private const int ScanBatch = 10_000;

    private static readonly TimeSpan ScanWait = TimeSpan.FromMilliseconds(20);

    private readonly KafkaLogOptions _options;
    private readonly ConnectionState _connection;
    private readonly Cluster _cluster;

    private KafkaLog(KafkaLogOptions options, ILogger logger)
    {
        _options = options;
        _connection = new ConnectionState(logger);
        _cluster = new Cluster(options, _connection);
    }

    /// <summary>Connects and waits until a broker answers.</summary>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="LogException">No broker answers, or it refuses this client.</exception>
    public static KafkaLog Open(KafkaLogOptions options, ILogger? logger = null)
    {
        if (options.Validate().FirstOrDefault() is { } violation)
            throw new ArgumentException(violation, nameof(options));
        return new KafkaLog(options, logger ?? NullLogger.Instance);
    }

    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics) => _cluster.Create(topics);

    public void AddPartitions(string topic, int partitions) => _cluster.AddPartitions(topic, partitions);

    public IReadOnlyList<TopicSpec> Topics() => _cluster.Topics();

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics)
    {
        if (_cluster.Missing(topics) is { } missing)
            throw missing;
        return KafkaConsumer.Join(_cluster, _options, _connection, group, member, topics);
    }

    public IReadOnlyList<string> Members(string group) => [.. _cluster.Members(group).Order(StringComparer.Ordinal)];

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions)
    {
        var existing = _cluster.Partitions();
        foreach (var partition in partitions)
        {
            if (!existing.TryGetValue(partition.Topic, out var count) || partition.Partition < 0 || partition.Partition >= count)
                throw Failures.Missing(partition, existing, _options);
        }

        return KafkaConsumer.Read(_cluster, _options, _connection, partitions, _cluster.BeginOffsets(partitions));
    }

    public ILogProducer OpenProducer(string transactionalId) => new KafkaProducer(_cluster, _options, _connection, transactionalId);

    public ILogAppender OpenAppender(string name) => new KafkaAppender(_cluster, _options, _connection, name);

    public long? Committed(string group, TopicPartition partition) => _cluster.Committed(group, [partition], _options.CallTimeout)[0];

    public long BeginOffset(TopicPartition partition) => _cluster.BeginOffsets([partition])[0];

    public long EndOffset(TopicPartition partition) => _cluster.EndOffset(partition);

    public long OffsetAt(TopicPartition partition, EventTime time)
    {
        var end = _cluster.EndOffset(partition);
        var candidate = _cluster.FirstCandidate(partition, time);
        if (candidate >= end)
            return end;
        using var reader = KafkaConsumer.Read(_cluster, _options, _connection, [partition], [candidate]);
        using var batch = new RecordBatch();
        while (reader.Position(partition) < end)
        {
            if (reader.Poll(batch, ScanBatch, ScanWait) != PollOutcome.Records)
                continue;
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch[i].Time >= time)
                    return Math.Min(batch[i].Offset, end);
            }
        }

        return end;
    }

    /// <summary>Consumers and producers are disposed by who opened them.</summary>
    public void Dispose() => _cluster.Dispose();
}
