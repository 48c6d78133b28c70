using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>A log whose consumers and producers can be made to misbehave.</summary>
internal sealed class LogDecorator(
    IEventLog inner, Func<ILogConsumer, ILogConsumer>? consumer = null, Func<ILogProducer, ILogProducer>? producer = null) : IEventLog
{
    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics) => inner.CreateTopics(topics);

    public IReadOnlyList<TopicSpec> Topics() => inner.Topics();

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics) =>
        consumer is null ? inner.Join(group, member, topics) : consumer(inner.Join(group, member, topics));

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions) => inner.Read(partitions);

    public ILogProducer OpenProducer(string transactionalId) =>
        producer is null ? new ProducerDecorator(inner.OpenProducer(transactionalId)) : producer(inner.OpenProducer(transactionalId));

    public long? Committed(string group, TopicPartition partition) => inner.Committed(group, partition);

    public long BeginOffset(TopicPartition partition) => inner.BeginOffset(partition);

    public long EndOffset(TopicPartition partition) => inner.EndOffset(partition);

    public long OffsetAt(TopicPartition partition, EventTime time) => inner.OffsetAt(partition, time);

    public void Dispose() => inner.Dispose();
}
