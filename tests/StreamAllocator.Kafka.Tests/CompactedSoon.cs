using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka.Tests;

/// <summary>
/// A Kafka log whose compacted topics have segments of 1 MiB, the smallest that the broker allows: it compacts closed segments only, and a test
/// should not have to fill one of a gibibyte.
/// </summary>
internal sealed class CompactedSoon(KafkaLog log, KafkaLogOptions options) : IEventLog
{
    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics)
    {
        log.CreateTopics(topics);
        var compacted = topics.Where(topic => topic.CleanUp.HasFlag(CleanUp.Compact)).ToDictionary(
            topic => new ConfigResource { Type = ResourceType.Topic, Name = topic.Name },
            _ => new List<ConfigEntry> { new() { Name = "segment.bytes", Value = "1048576", IncrementalOperation = AlterConfigOpType.Set } });
        if (compacted.Count == 0)
            return;
        using var admin = new AdminClientBuilder(new AdminClientConfig(new Dictionary<string, string>(options.Properties)) { BootstrapServers = options.BootstrapServers }).Build();
        admin.IncrementalAlterConfigsAsync(compacted).GetAwaiter().GetResult();
    }

    public void AddPartitions(string topic, int partitions) => log.AddPartitions(topic, partitions);

    public IReadOnlyList<TopicSpec> Topics() => log.Topics();

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics) => log.Join(group, member, topics);

    public IReadOnlyList<string> Members(string group) => log.Members(group);

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions) => log.Read(partitions);

    public ILogProducer OpenProducer(string transactionalId) => log.OpenProducer(transactionalId);

    public ILogAppender OpenAppender(string name) => log.OpenAppender(name);

    public long? Committed(string group, TopicPartition partition) => log.Committed(group, partition);

    public long BeginOffset(TopicPartition partition) => log.BeginOffset(partition);

    public long EndOffset(TopicPartition partition) => log.EndOffset(partition);

    public long OffsetAt(TopicPartition partition, EventTime time) => log.OffsetAt(partition, time);

    public void Dispose() => log.Dispose();
}
