using System.Buffers.Binary;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Testing;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka.Tests;

/// <summary>
/// A coordinator that remembers less than it has written down: made here by writing a commit into its log behind its back, under a name that the broker lets do so.
/// </summary>
public sealed class OffsetLogTests : IDisposable
{
    private const string Group = "readers";

    private static readonly TopicPartition Input = new("input", 0);

    private readonly SharedBroker? _broker = SharedBroker.Exists ? new SharedBroker([]) : null;

    private KafkaLogOptions Options => new() { BootstrapServers = _broker!.Bootstrap, CallTimeout = TimeSpan.FromSeconds(20) };

    [SharedFact(SharedBroker.Script)]
    public void What_the_coordinator_wrote_down_counts_not_what_it_remembers()
    {
        using var cluster = Start();
        Write(8);

        Assert.Equal([3], Remembered(cluster));
        Assert.Equal([8], Confirmed(cluster));
    }

    [SharedFact(SharedBroker.Script)]
    public void What_was_deleted_or_taken_back_is_not_gone_on_from()
    {
        using var cluster = Start();
        using (var undecided = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = _broker!.Bootstrap, TransactionalId = "undecided" }).Build())
        using (var speaker = cluster.OpenAsker(Group))
        {
            undecided.InitTransactions(Options.CallTimeout);
            undecided.BeginTransaction();
            undecided.SendOffsetsToTransaction([Offset(6)], speaker.ConsumerGroupMetadata, Options.CallTimeout);
            undecided.AbortTransaction(Options.CallTimeout);
        }

        Assert.Equal([3], Confirmed(cluster));
        Write(8);
        Write(null);
        Assert.Equal([3], Confirmed(cluster));
    }

    public void Dispose() => _broker?.Dispose();

    private static TopicPartitionOffset Offset(long next) => new(Cluster.ToKafka(Input), next);

    private long?[] Remembered(Cluster cluster) => cluster.Committed(Group, [Input], Options.CallTimeout);

    private long?[] Confirmed(Cluster cluster) =>
        new OffsetLog(cluster, Options, new ConnectionState(NullLogger.Instance), Group).Confirm([Input], () => Remembered(cluster));

    /// <summary>The group has committed 3.</summary>
    private Cluster Start()
    {
        var cluster = new Cluster(Options, new ConnectionState(NullLogger.Instance));
        cluster.Create([new TopicSpec(Input.Topic, 1)]);
        using var speaker = cluster.OpenAsker(Group);
        speaker.Commit([Offset(3)]);
        return cluster;
    }

    /// <summary>Into the coordinator's log, behind its back.</summary>
    /// <param name="next">Null for an offset that was deleted.</param>
    private void Write(long? next)
    {
        var (group, topic) = (Encoding.UTF8.GetBytes(Group), Encoding.UTF8.GetBytes(Input.Topic));
        var key = new byte[2 + 2 + group.Length + 2 + topic.Length + 4];
        key[1] = 1; // version
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(2), (short)group.Length);
        group.CopyTo(key, 4);
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(4 + group.Length), (short)topic.Length);
        topic.CopyTo(key, 6 + group.Length);
        var value = new byte[2 + 8 + 4 + 2 + 8];
        value[1] = 3; // version; then the offset, a leader epoch, metadata and a time
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(2), next ?? 0);
        using var coordinator = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = _broker!.Bootstrap, ClientId = "__admin_client" }).Build();
        coordinator.ProduceAsync(new Confluent.Kafka.TopicPartition(Cluster.OffsetsTopic, KafkaHash.Partition(Group, 4)), new Message<byte[], byte[]> { Key = key, Value = next is null ? null! : value })
            .GetAwaiter().GetResult();
    }
}
