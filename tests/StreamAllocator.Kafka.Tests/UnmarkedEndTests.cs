using System.Text;
using Confluent.Kafka;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Testing;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka.Tests;

/// <summary>
/// What KAFKA-20734 leaves of a transaction: its coordinator says that it has ended, and no partition was told. Made here by writing that into the
/// coordinator's log under a name that the broker lets do so, and a restart.
/// </summary>
public sealed class UnmarkedEndTests : IDisposable
{
    private const int StatusAt = 16;
    private const byte PrepareCommit = 2;
    private const byte PrepareAbort = 3;
    private const byte Completed = 2; // more than the decision

    private static readonly TopicPartition Input = new("input", 0);
    private static readonly TopicPartition Output = new("output", 0);

    private readonly SharedBroker? _broker = SharedBroker.Exists ? new SharedBroker([]) : null;

    private KafkaLogOptions Options => new() { BootstrapServers = _broker!.Bootstrap, CallTimeout = TimeSpan.FromSeconds(20) };

    [SharedFact(SharedBroker.Script)]
    public void A_decision_that_partitions_never_heard_of_is_repeated_by_the_next_producer_of_the_id()
    {
        using (var log = KafkaLog.Open(Options))
            log.CreateTopics([new TopicSpec(Input.Topic, 2), new TopicSpec(Output.Topic, 2)]);
        WriteInput();
        LeaveUnmarked("committed", PrepareCommit, Output.Partition);
        LeaveUnmarked("aborted", PrepareAbort, Output.Partition + 1);
        _broker!.KillAndRestart();

        using (var impatient = KafkaLog.Open(Options with { CallTimeout = TimeSpan.FromSeconds(1) }))
            Assert.Contains("find-hanging", Assert.Throws<LogException>(() => impatient.Committed("group-of-committed", Input)).Message, StringComparison.Ordinal);

        using var again = KafkaLog.Open(Options);
        foreach (var id in (string[])["committed", "aborted"])
        {
            using var producer = again.OpenProducer(id);
            Write(producer, id == "committed" ? Output : Output with { Partition = 1 }, $"after {id}");
        }

        Assert.Equal(1, again.Committed("group-of-committed", Input));
        Assert.Null(again.Committed("group-of-aborted", Input));
        Assert.Equal(["of committed", "after committed"], Read(again, Output));
        Assert.Equal(["after aborted"], Read(again, Output with { Partition = 1 }));
    }

    public void Dispose() => _broker?.Dispose();

    private void WriteInput()
    {
        using var log = KafkaLog.Open(Options);
        using var producer = log.OpenProducer("writer");
        Write(producer, Input, "input");
    }

    private static void Write(ILogProducer producer, TopicPartition target, string value)
    {
        using var outputs = new OutputBatch();
        outputs.Append(target, new EventTime(1), "key"u8, [], Encoding.UTF8.GetBytes(value));
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    /// <summary>Leaves a transaction open, then puts the coordinator's word into its log that it was decided, and later complete.</summary>
    private void LeaveUnmarked(string id, byte decision, int outputPartition)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = _broker!.Bootstrap, TransactionalId = id }).Build();
        producer.InitTransactions(Options.CallTimeout);
        producer.BeginTransaction();
        producer.Produce(new Confluent.Kafka.TopicPartition(Output.Topic, outputPartition), new Message<byte[], byte[]> { Key = "key"u8.ToArray(), Value = Encoding.UTF8.GetBytes($"of {id}") });
        using var member = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = _broker.Bootstrap, GroupId = $"group-of-{id}" }).Build();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(Input.Topic, Input.Partition, 1)], member.ConsumerGroupMetadata, Options.CallTimeout);
        producer.Flush(Options.CallTimeout);

        var ongoing = Ongoing(id);
        using var coordinator = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = _broker.Bootstrap, ClientId = "__admin_client" }).Build();
        Say(decision, TimeSpan.FromSeconds(-5));
        Say((byte)(decision + Completed), TimeSpan.Zero);

        void Say(byte status, TimeSpan when)
        {
            var value = ongoing.Message.Value.ToArray();
            value[StatusAt] = status;
            coordinator.ProduceAsync(ongoing.TopicPartition, new Message<byte[], byte[]>
            {
                Key = ongoing.Message.Key,
                Value = value,
                Timestamp = new Timestamp(ongoing.Message.Timestamp.UtcDateTime + TimeSpan.FromSeconds(10) + when),
            }).GetAwaiter().GetResult();
        }
    }

    /// <summary>The newest that the coordinator has written about the id.</summary>
    private ConsumeResult<byte[], byte[]> Ongoing(string id)
    {
        using var reader = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = _broker!.Bootstrap, GroupId = "test", EnablePartitionEof = true, AutoOffsetReset = AutoOffsetReset.Earliest }).Build();
        var partitions = Enumerable.Range(0, 4).Select(partition => new Confluent.Kafka.TopicPartition("__transaction_state", partition)).ToList();
        reader.Assign(partitions);
        ConsumeResult<byte[], byte[]>? newest = null;
        for (var ends = 0; ends < partitions.Count;)
        {
            var found = reader.Consume(Options.CallTimeout);
            Assert.NotNull(found);
            if (found.IsPartitionEOF)
                ends++;
            else if (Encoding.UTF8.GetString(found.Message.Key).EndsWith(id, StringComparison.Ordinal))
                newest = found;
        }

        return newest!;
    }

    private static List<string> Read(KafkaLog log, TopicPartition partition)
    {
        var values = new List<string>();
        using var reader = log.Read([partition]);
        using var batch = new RecordBatch();
        var end = log.EndOffset(partition);
        while (reader.Position(partition) < end)
        {
            reader.Poll(batch, 100, TimeSpan.FromMilliseconds(100));
            for (var i = 0; i < batch.Count; i++)
                values.Add(Encoding.UTF8.GetString(batch[i].Value));
        }

        return values;
    }
}
