using Confluent.Kafka;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>What a coordinator has written down: the partition of one of Kafka's own topics that is about a name.</summary>
/// <param name="name">Of a group, or a transactional id.</param>
internal sealed class CoordinatorLog(Cluster cluster, KafkaLogOptions options, ConnectionState connection, string topic, string name)
{
    private const int BatchRecords = 10_000;

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);

    public TopicPartition Source { get; } = new(topic, KafkaHash.Partition(name, cluster.PartitionCount(topic)));

    public long Begin => cluster.BeginOffsets([Source])[0];

    public long End(IsolationLevel isolation) => cluster.EndOffset(Source, isolation);

    /// <summary>At least all records from one offset up to another; those behind it may come too.</summary>
    /// <exception cref="LogException">It may not be read, or not before the deadline.</exception>
    public void Read(long start, long end, IsolationLevel isolation, Deadline deadline, RecordVisitor visit)
    {
        using var reader = KafkaConsumer.Read(cluster, options, connection, [Source], [start], isolation);
        using var batch = new RecordBatch();
        while (reader.Position(Source) < end)
        {
            if (deadline.HasPassed)
                throw new LogException($"{Source} could not be read to its end at offset {end}", new TimeoutException());
            reader.Poll(batch, BatchRecords, PollWait);
            for (var i = 0; i < batch.Count; i++)
            {
                if (!visit(batch[i]))
                    return;
            }
        }
    }
}
