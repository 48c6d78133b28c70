using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>Polls as it is told, then lets a bug at the batch.</summary>
internal sealed class ConsumerDecorator(ILogConsumer inner, Func<ILogConsumer, RecordBatch, PollOutcome, PollOutcome> polled) : ILogConsumer
{
    public ILogConsumer Inner => inner;

    public IReadOnlyList<TopicPartition> Assignment => inner.Assignment;

    public PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait) => polled(inner, batch, inner.Poll(batch, maxRecords, wait));

    public long Position(TopicPartition partition) => inner.Position(partition);

    public bool IsAtEnd(TopicPartition partition) => inner.IsAtEnd(partition);

    public void Seek(TopicPartition partition, long offset) => inner.Seek(partition, offset);

    public void Pause(TopicPartition partition) => inner.Pause(partition);

    public void Resume(TopicPartition partition) => inner.Resume(partition);

    public void Dispose() => inner.Dispose();
}
