using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>A log whose consumers and producers can be made to misbehave, and which may outlive those who dispose it, as a file does.</summary>
internal sealed class LogDecorator(
    IEventLog inner, Func<ILogConsumer, ILogConsumer>? consumer = null, Func<ILogProducer, ILogProducer>? producer = null, Action<Action>? change = null,
    bool outlives = false) : IEventLog
{
    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics) => Change(() => inner.CreateTopics(topics));

    public void AddPartitions(string topic, int partitions) => Change(() => inner.AddPartitions(topic, partitions));

    public IReadOnlyList<TopicSpec> Topics() => inner.Topics();

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics) =>
        consumer is null ? inner.Join(group, member, topics) : consumer(inner.Join(group, member, topics));

    public IReadOnlyList<string> Members(string group) => inner.Members(group);

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions) => inner.Read(partitions);

    public ILogProducer OpenProducer(string transactionalId) =>
        producer is null ? new ProducerDecorator(inner.OpenProducer(transactionalId)) : producer(inner.OpenProducer(transactionalId));

    public ILogAppender OpenAppender(string name) => inner.OpenAppender(name);

    public long? Committed(string group, TopicPartition partition) => inner.Committed(group, partition);

    public long BeginOffset(TopicPartition partition) => inner.BeginOffset(partition);

    public long EndOffset(TopicPartition partition) => inner.EndOffset(partition);

    public long OffsetAt(TopicPartition partition, EventTime time) => inner.OffsetAt(partition, time);

    public void Dispose()
    {
        if (!outlives)
            inner.Dispose();
    }

    /// <summary>Carries out a change of the topics as it is told.</summary>
    private void Change(Action done)
    {
        if (change is null)
            done();
        else
            change(done);
    }
}
