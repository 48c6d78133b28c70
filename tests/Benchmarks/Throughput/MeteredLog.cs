using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>The log as it is, with the time that its consumers and producers take on the thread that calls them.</summary>
internal sealed class MeteredLog(IEventLog log, Stages stages) : IEventLog
{
    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics) => log.CreateTopics(topics);

    public void AddPartitions(string topic, int partitions) => log.AddPartitions(topic, partitions);

    public IReadOnlyList<TopicSpec> Topics() => log.Topics();

    public IReadOnlyList<string> Members(string group) => log.Members(group);

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics) =>
        new Consumer(log.Join(group, member, topics), stages.Of($"{group[(group.LastIndexOf('.') + 1)..]}: take records"));

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions) => log.Read(partitions);

    public ILogProducer OpenProducer(string transactionalId) =>
        new Producer(log.OpenProducer(transactionalId), stages.Of($"{transactionalId[(transactionalId.LastIndexOf('.') + 1)..].Split('-')[0]}: hand over and commit"));

    public ILogAppender OpenAppender(string name) => log.OpenAppender(name);

    public long? Committed(string group, TopicPartition partition) => log.Committed(group, partition);

    public long BeginOffset(TopicPartition partition) => log.BeginOffset(partition);

    public long EndOffset(TopicPartition partition) => log.EndOffset(partition);

    public long OffsetAt(TopicPartition partition, EventTime time) => log.OffsetAt(partition, time);

    /// <summary>The log is disposed by who opened it.</summary>
    public void Dispose()
    {
    }

    private sealed class Consumer(ILogConsumer consumer, Stages.Stage stage) : ILogConsumer
    {
        public ILogConsumer Inner => consumer;

        public IReadOnlyList<TopicPartition> Assignment => consumer.Assignment;

        public PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait)
        {
            var start = Stages.Stage.Start();
            var outcome = consumer.Poll(batch, maxRecords, wait);
            stage.End(start);
            return outcome;
        }

        public long Position(TopicPartition partition) => consumer.Position(partition);

        public bool IsAtEnd(TopicPartition partition) => consumer.IsAtEnd(partition);

        public void Seek(TopicPartition partition, long offset) => consumer.Seek(partition, offset);

        public void Pause(TopicPartition partition) => consumer.Pause(partition);

        public void Resume(TopicPartition partition) => consumer.Resume(partition);

        public void Dispose() => consumer.Dispose();
    }

    private sealed class Producer(ILogProducer producer, Stages.Stage stage) : ILogProducer
    {
        public void Send(OutputBatch outputs)
        {
            var start = Stages.Stage.Start();
            producer.Send(outputs);
            stage.End(start);
        }

        public void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets)
        {
            var start = Stages.Stage.Start();
            producer.Commit((consumer as Consumer)?.Inner ?? consumer, offsets);
            stage.End(start);
        }

        public void Abort() => producer.Abort();

        public void Dispose() => producer.Dispose();
    }
}
