using System.Text;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>
/// The end of a transaction that its coordinator takes for done, though partitions may never have heard of it. A broker of 4.1 to 4.3 leaves that
/// behind when it goes down between deciding a transaction and marking its end (KAFKA-20734). In those partitions the transaction stays open: it
/// holds up their readers, and the end of the id's next transaction there becomes its own.
/// </summary>
/// <param name="IsCommit">How it has to end in the partitions that are left.</param>
/// <param name="Partitions">Those that no later transaction of the id has ended in; Kafka's own partitions of offsets may be among them.</param>
internal sealed record UnmarkedEnd(bool IsCommit, IReadOnlyCollection<TopicPartition> Partitions)
{
    /// <summary>Where coordinators write down what becomes of transactions.</summary>
    public const string Coordinators = "__transaction_state";

    private const int NearestRecords = 20_000;
    private const int BatchRecords = 10_000;

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads what the coordinator has written down about an id; null where all has ended in good order, as far as is known.</summary>
    /// <exception cref="LogException">It may not be read, or says something that this version does not understand.</exception>
    public static UnmarkedEnd? Find(Cluster cluster, KafkaLogOptions options, ConnectionState connection, string transactionalId)
    {
        var source = new TopicPartition(Coordinators, KafkaHash.Partition(transactionalId, cluster.PartitionCount(Coordinators)));
        var begin = cluster.BeginOffsets([source])[0];
        var end = cluster.EndOffset(source);

        // Mostly it is among the newest; it is looked for ever farther back.
        for (long reach = NearestRecords; begin < end; reach *= 10)
        {
            var start = Math.Max(begin, end - reach);
            using var reader = KafkaConsumer.Read(cluster, options, connection, [source], [start]);
            var history = Read(reader, source, end, Encoding.UTF8.GetBytes(transactionalId), new Deadline(options.CallTimeout));
            if (history.HasEnds || start == begin)
                return history.Unmarked?.Existing(cluster.Partitions());
        }

        return null;
    }

    /// <summary>Without what has been deleted; null where nothing is left then.</summary>
    private UnmarkedEnd? Existing(SortedDictionary<string, int> topics)
    {
        var existing = Partitions.Where(partition => partition.Topic == Cluster.OffsetsTopic || partition.Partition < topics.GetValueOrDefault(partition.Topic)).ToList();
        return existing.Count > 0 ? this with { Partitions = existing } : null;
    }

    private static TransactionHistory Read(KafkaConsumer reader, TopicPartition source, long end, byte[] transactionalId, Deadline deadline)
    {
        var history = new TransactionHistory();
        using var batch = new RecordBatch();
        while (reader.Position(source) < end)
        {
            if (deadline.HasPassed)
                throw new LogException($"{source} could not be read to its end at offset {end}", new TimeoutException());
            reader.Poll(batch, BatchRecords, PollWait);
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch[i].Value.IsEmpty || !TransactionState.IsOf(transactionalId, batch[i].Key))
                    continue;
                var (status, partitions) = TransactionState.Decode(batch[i].Value);
                history.Add(status, batch[i].Time, partitions);
            }
        }

        return history;
    }
}
