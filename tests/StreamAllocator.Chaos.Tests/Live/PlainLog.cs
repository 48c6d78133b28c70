using System.Text;
using Confluent.Kafka;
using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>What a broker holds, read with the client that anybody would use; nothing of our log on Kafka.</summary>
internal sealed class PlainLog(string bootstrap)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    public IConsumer<byte[], byte[]> OpenConsumer(IsolationLevel isolation, string group = "plain-reader") => new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
    {
        BootstrapServers = bootstrap,
        GroupId = group,
        IsolationLevel = isolation,
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        ReconnectBackoffMaxMs = 500,
    }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();

    /// <summary>All partitions of the topics.</summary>
    public IReadOnlyList<TopicPartition> Partitions(string prefix)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        return
        [
            .. admin.GetMetadata(Wait).Topics.Where(topic => topic.Topic.StartsWith(prefix, StringComparison.Ordinal))
                .SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition.PartitionId))).Order(),
        ];
    }

    /// <summary>Everything, to the end that the isolation shows.</summary>
    public Transcript Read(string prefix, IsolationLevel isolation, params string[] groups)
    {
        var partitions = Partitions(prefix);
        var records = partitions.ToDictionary(partition => partition, _ => new List<TopicRecord>());
        using (var consumer = OpenConsumer(isolation))
        {
            consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition.Topic, partition.Partition, Offset.Beginning)));
            for (var ends = 0; ends < partitions.Count;)
            {
                var result = consumer.Consume(Wait) ?? throw new TimeoutException($"nothing came for {Wait}, and not every partition is at its end");
                if (result.IsPartitionEOF)
                    ends++;
                else if (!IsFiller(result.Message))
                    records[new TopicPartition(result.Topic, result.Partition)].Add(Record(result));
            }
        }

        return new Transcript(records, Committed(partitions, groups));
    }

    /// <summary>Partitions that a transaction without an end keeps readers from.</summary>
    public IReadOnlyList<string> HeldUp(string prefix)
    {
        using var committed = OpenConsumer(IsolationLevel.ReadCommitted);
        using var all = OpenConsumer(IsolationLevel.ReadUncommitted);
        return
        [
            .. Partitions(prefix).Select(partition => new Confluent.Kafka.TopicPartition(partition.Topic, partition.Partition))
                .Where(partition => committed.QueryWatermarkOffsets(partition, Wait).High != all.QueryWatermarkOffsets(partition, Wait).High)
                .Select(partition => $"{partition.Topic}[{partition.Partition.Value}]"),
        ];
    }

    /// <summary>Which instance has which partition, by the word of the groups' coordinator.</summary>
    public IReadOnlyList<(string Group, string Instance, TopicPartition Partition)> Assigned(params IEnumerable<string> groups)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        var described = admin.DescribeConsumerGroupsAsync(groups, new() { RequestTimeout = Wait }).Result.ConsumerGroupDescriptions;
        return
        [
            .. from grouped in described
               from member in grouped.Members
               from partition in member.Assignment.TopicPartitions
               select (grouped.GroupId, (member.GroupInstanceId ?? "").Split('-')[0], new TopicPartition(partition.Topic, partition.Partition.Value)),
        ];
    }

    private Dictionary<(string, TopicPartition), long> Committed(IReadOnlyList<TopicPartition> partitions, string[] groups)
    {
        var committed = new Dictionary<(string, TopicPartition), long>();
        foreach (var group in groups)
        {
            using var consumer = OpenConsumer(IsolationLevel.ReadCommitted, group);
            foreach (var offset in consumer.Committed(partitions.Select(partition => new Confluent.Kafka.TopicPartition(partition.Topic, partition.Partition)), Wait))
                committed[(group, new TopicPartition(offset.Topic, offset.Partition))] = Math.Max(0, offset.Offset.Value);
        }

        return committed;
    }

    /// <summary>What our client writes to end a transaction in a partition where it has nothing to say: readers pass it over.</summary>
    private static bool IsFiller(Message<byte[], byte[]> message) => message.Value is null && message.Headers.Any(header => header.Key == "filler");

    private static TopicRecord Record(ConsumeResult<byte[], byte[]> result) => new(
        result.Offset.Value,
        result.Message.Timestamp.UnixTimestampMs,
        Encoding.UTF8.GetString(result.Message.Key ?? []),
        RecordHeaders.Encode([.. result.Message.Headers.Select(header => (header.Key, header.GetValueBytes()))]),
        result.Message.Value ?? []);
}
