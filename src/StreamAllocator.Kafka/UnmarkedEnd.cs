using System.Text;
using Confluent.Kafka;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

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

    /// <summary>Reads what the coordinator has written down about an id; null where all has ended in good order, as far as is known.</summary>
    /// <exception cref="LogException">It may not be read, or says something that this version does not understand.</exception>
    public static UnmarkedEnd? Find(Cluster cluster, KafkaLogOptions options, ConnectionState connection, string transactionalId)
    {
        var log = new CoordinatorLog(cluster, options, connection, Coordinators, transactionalId);
        var begin = log.Begin;
        var end = log.End(IsolationLevel.ReadCommitted);

        // Mostly it is among the newest; it is looked for ever farther back.
        for (long reach = NearestRecords; begin < end; reach *= 10)
        {
            var start = Math.Max(begin, end - reach);
            var history = Read(log, start, end, Encoding.UTF8.GetBytes(transactionalId), new Deadline(options.CallTimeout));
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

    private static TransactionHistory Read(CoordinatorLog log, long start, long end, byte[] transactionalId, Deadline deadline)
    {
        var history = new TransactionHistory();
        log.Read(start, end, IsolationLevel.ReadCommitted, deadline, (in record) =>
        {
            if (!record.Value.IsEmpty && TransactionState.IsOf(transactionalId, record.Key))
            {
                var (status, partitions) = TransactionState.Decode(record.Value);
                history.Add(status, record.Time, partitions);
            }

            return true;
        });
        return history;
    }
}
