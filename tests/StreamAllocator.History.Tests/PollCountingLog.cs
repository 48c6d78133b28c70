using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.History.Tests;

/// <summary>Counts the polls of the members of groups.</summary>
internal sealed class PollCountingLog(IEventLog log) : IEventLog
{
    private int _polls;

    public int Polls => Volatile.Read(ref _polls);

    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics) => log.CreateTopics(topics);

    public IReadOnlyList<TopicSpec> Topics() => log.Topics();

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics) => new Consumer(this, log.Join(group, member, topics));

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions) => log.Read(partitions);

    public ILogProducer OpenProducer(string transactionalId) => new Producer(log.OpenProducer(transactionalId));

    public long? Committed(string group, TopicPartition partition) => log.Committed(group, partition);

    public long BeginOffset(TopicPartition partition) => log.BeginOffset(partition);

    public long EndOffset(TopicPartition partition) => log.EndOffset(partition);

    public long OffsetAt(TopicPartition partition, EventTime time) => log.OffsetAt(partition, time);

    public void Dispose() => log.Dispose();

    private sealed class Consumer(PollCountingLog owner, ILogConsumer inner) : ILogConsumer
    {
        public ILogConsumer Inner => inner;

        public IReadOnlyList<TopicPartition> Assignment => inner.Assignment;

        public PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait)
        {
            Interlocked.Increment(ref owner._polls);
            return inner.Poll(batch, maxRecords, wait);
        }

        public long Position(TopicPartition partition) => inner.Position(partition);

        public bool IsAtEnd(TopicPartition partition) => inner.IsAtEnd(partition);

        public void Seek(TopicPartition partition, long offset) => inner.Seek(partition, offset);

        public void Pause(TopicPartition partition) => inner.Pause(partition);

        public void Resume(TopicPartition partition) => inner.Resume(partition);

        public void Dispose() => inner.Dispose();
    }

    private sealed class Producer(ILogProducer inner) : ILogProducer
    {
        public void Send(OutputBatch outputs) => inner.Send(outputs);

        public void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets) => inner.Commit((consumer as Consumer)?.Inner, offsets);

        public void Abort() => inner.Abort();

        public void Dispose() => inner.Dispose();
    }
}
