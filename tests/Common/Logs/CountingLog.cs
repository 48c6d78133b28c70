using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Testing;

/// <summary>Counts the polls of the members of groups, and notes the threads that they came from.</summary>
internal sealed class CountingLog(IEventLog log) : IEventLog
{
    private int _polls;

    public int Polls => Volatile.Read(ref _polls);

    public HashSet<int> Threads { get; } = [];

    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics) => log.CreateTopics(topics);

    public void AddPartitions(string topic, int partitions) => log.AddPartitions(topic, partitions);

    public IReadOnlyList<TopicSpec> Topics() => log.Topics();

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics) =>
        new Consumer(this, log.Join(group, member, topics));

    public IReadOnlyList<string> Members(string group) => log.Members(group);

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions) => log.Read(partitions);

    public ILogProducer OpenProducer(string transactionalId) => new Producer(log.OpenProducer(transactionalId));

    public ILogAppender OpenAppender(string name) => log.OpenAppender(name);

    public long? Committed(string group, TopicPartition partition) => log.Committed(group, partition);

    public long BeginOffset(TopicPartition partition) => log.BeginOffset(partition);

    public long EndOffset(TopicPartition partition) => log.EndOffset(partition);

    public long OffsetAt(TopicPartition partition, EventTime time) => log.OffsetAt(partition, time);

    public void Dispose() => log.Dispose();

    private sealed class Consumer(CountingLog counting, ILogConsumer consumer) : ILogConsumer
    {
        public ILogConsumer Inner { get; } = consumer;

        public IReadOnlyList<TopicPartition> Assignment => Inner.Assignment;

        public PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait)
        {
            Interlocked.Increment(ref counting._polls);
            lock (counting.Threads)
                counting.Threads.Add(Environment.CurrentManagedThreadId);
            return Inner.Poll(batch, maxRecords, wait);
        }

        public long Position(TopicPartition partition) => Inner.Position(partition);

        public bool IsAtEnd(TopicPartition partition) => Inner.IsAtEnd(partition);

        public void Seek(TopicPartition partition, long offset) => Inner.Seek(partition, offset);

        public void Pause(TopicPartition partition) => Inner.Pause(partition);

        public void Resume(TopicPartition partition) => Inner.Resume(partition);

        public void Dispose() => Inner.Dispose();
    }

    private sealed class Producer(ILogProducer producer) : ILogProducer
    {
        public void Send(OutputBatch outputs) => producer.Send(outputs);

        public void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets) =>
            producer.Commit((consumer as Consumer)?.Inner ?? consumer, offsets);

        public void Abort() => producer.Abort();

        public void Dispose() => producer.Dispose();
    }
}
