using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Server.Views;

/// <summary>Decisions older than those held in memory, read from the log when asked for.</summary>
internal sealed class DecisionHistory(IEventLog log, Topics topics)
{
    private const int BatchSize = 1000;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    /// <summary>Pools decide side by side: a partition's times are out of order by less than this.</summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromHours(1);

    private readonly int _partitions = log.Topics().First(spec => spec.Name == topics.Decisions).Partitions;

    /// <summary>The newest <paramref name="limit"/> decisions of a VM with an event time in [from, to], the newest first.</summary>
    public IReadOnlyList<Decision> Read(string vmId, EventTime from, EventTime to, int limit, CancellationToken cancellationToken)
    {
        var partition = new TopicPartition(topics.Decisions, StableHash.Partition(vmId, _partitions));
        var key = Encoding.UTF8.GetBytes(vmId);
        var codec = new DecisionCodec();
        var newest = new Queue<Decision>();
        using var consumer = log.Read([partition]);
        using var batch = new RecordBatch();
        var end = log.EndOffset(partition);
        consumer.Seek(partition, log.OffsetAt(partition, from));
        while (consumer.Position(partition) < end)
        {
            consumer.Poll(batch, BatchSize, Wait);
            cancellationToken.ThrowIfCancellationRequested();
            for (var index = 0; index < batch.Count; index++)
            {
                var record = batch[index];
                if (record.Time < from || record.Time > to || !record.Key.SequenceEqual(key))
                    continue;
                if (newest.Count == limit)
                    newest.Dequeue();
                newest.Enqueue(codec.Read(new ProtoReader(record.Value)));
            }

            if (batch.Count > 0 && batch[batch.Count - 1].Time - Disorder > to)
                break;
        }

        return [.. newest.Reverse()];
    }
}
