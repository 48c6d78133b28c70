using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>Each record is a transaction of its own.</summary>
internal sealed class LocalAppender(LocalLog log, ILogProducer producer) : ILogAppender
{
    private readonly OutputBatch _record = new();

    public void Append(
        string topic, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value, CancellationToken cancellationToken)
    {
        _record.Clear();
        var partition = StableHash.Partition(key, log.PartitionsOf(topic).Length);
        _record.Append(new TopicPartition(topic, partition), time, key, headers, value);
        producer.Send(_record);
        producer.Commit(null, []);
    }

    public void Dispose()
    {
        producer.Dispose();
        _record.Dispose();
    }
}
