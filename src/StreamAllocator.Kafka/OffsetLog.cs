using Confluent.Kafka;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>
/// What a group has committed, as its coordinator has written it down. A broker of 4.3 that comes back after SIGKILL may remember less than that, for as long
/// as it runs: it loads its log twice, and the load that counts for less may end last. Who went on from there would do again what was done.
/// </summary>
internal sealed class OffsetLog(Cluster cluster, KafkaLogOptions options, ConnectionState connection, string group)
{
    private const int NearestRecords = 20_000;

    /// <summary>What was last committed before that is taken from the coordinator: half an hour of two groups with six partitions.</summary>
    private const int FarthestRecords = 200_000;

    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>What the coordinator says, unless its log says that the group had come farther.</summary>
    /// <param name="ask">Asks the coordinator.</param>
    /// <exception cref="LogException">It could not be made sure of within the call timeout.</exception>
    public long?[] Confirm(IReadOnlyList<TopicPartition> partitions, Func<long?[]> ask)
    {
        var answer = ask();
        try
        {
            return Farther(partitions, answer, ask);
        }
        catch (LogException unreadable) when (Failures.CannotBeSeen(unreadable))
        {
            connection.CannotConfirm(group, unreadable);
            return answer;
        }
    }

    private long?[] Farther(IReadOnlyList<TopicPartition> partitions, long?[] answer, Func<long?[]> ask)
    {
        var log = new CoordinatorLog(cluster, options, connection, Cluster.OffsetsTopic, group);
        var deadline = new Deadline(options.CallTimeout);
        var written = Newest(log, partitions, IsolationLevel.ReadUncommitted, deadline);
        var ahead = Ahead(written, partitions, answer);
        if (ahead.Count == 0)
            return answer;

        // It may be of a transaction that was aborted, or whose end the coordinator has not heard of; or of a commit since it was asked.
        var last = ahead.Max(index => written[partitions[index]].At);
        while (log.End(IsolationLevel.ReadCommitted) <= last)
        {
            if (deadline.HasPassed)
                throw new LogException($"{log.Source} has a transaction that does not end, so that the offsets of group {group} are not sure", new TimeoutException());
            Thread.Sleep(RetryEvery);
        }

        written = Newest(log, partitions, IsolationLevel.ReadCommitted, deadline);
        answer = ask();
        foreach (var index in Ahead(written, partitions, answer))
        {
            connection.Forgotten(group, partitions[index], answer[index], written[partitions[index]].Next);
            answer[index] = written[partitions[index]].Next;
        }

        return answer;
    }

    /// <summary>Where the log has more than the answer, by index.</summary>
    private static List<int> Ahead(Dictionary<TopicPartition, Entry> written, IReadOnlyList<TopicPartition> partitions, long?[] answer) =>
        [.. Enumerable.Range(0, partitions.Count).Where(index => written.TryGetValue(partitions[index], out var entry) && entry.Next > (answer[index] ?? -1))];

    private Dictionary<TopicPartition, Entry> Newest(CoordinatorLog log, IReadOnlyList<TopicPartition> partitions, IsolationLevel isolation, Deadline deadline)
    {
        var begin = log.Begin;
        var end = log.End(isolation);
        var near = Read(log, Math.Max(begin, end - NearestRecords), end, isolation, deadline);
        return partitions.All(near.ContainsKey) || end - NearestRecords <= begin
            ? near
            : Read(log, Math.Max(begin, end - FarthestRecords), end, isolation, deadline);
    }

    /// <summary>The last of each of the group's partitions.</summary>
    private Dictionary<TopicPartition, Entry> Read(CoordinatorLog log, long start, long end, IsolationLevel isolation, Deadline deadline)
    {
        var newest = new Dictionary<TopicPartition, Entry>();
        log.Read(start, end, isolation, deadline, (in record) =>
        {
            if (OffsetEntry.PartitionOf(group, record.Key) is { } partition)
                newest[partition] = new Entry(record.Offset, OffsetEntry.NextOf(record.Value));
            return true;
        });
        return newest;
    }

    /// <param name="At">Its place in the coordinator's log.</param>
    /// <param name="Next">Null where the group's offset was deleted, or has expired.</param>
    private readonly record struct Entry(long At, long? Next);
}
