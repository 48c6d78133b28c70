using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamAllocator.Chaos.Tests.Live;
using StreamAllocator.Chaos.Tests.Network;
using StreamAllocator.Testing;

namespace StreamAllocator.Chaos.Tests;

/// <summary>
/// What a commit that is cut off leaves behind, seen by a plain client; and that what is left open is found, for a check that cannot fail shows nothing.
/// </summary>
[Collection(nameof(ProxiedBroker))]
public sealed class OpenTransactionsTests(ProxiedBroker broker)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    [SharedFact(SharedBroker.Script)]
    public void A_commit_that_is_cut_at_its_answer_has_taken_place_and_its_client_does_not_know()
    {
        CommitInOutage("answered", CutAt.Answer);
        Assert.Equal(1, Committed("answered"));
        Assert.Empty(Open("answered"));
    }

    [SharedFact(SharedBroker.Script)]
    public void A_commit_that_is_cut_before_the_broker_leaves_its_transaction_open_until_the_next_producer_of_the_id()
    {
        CommitInOutage("unsent", CutAt.Request);
        Assert.Equal(0, Committed("unsent"));
        Assert.Contains("Ongoing", Assert.Single(Open("unsent")), StringComparison.Ordinal);

        using (var next = Producer("unsent"))
            next.InitTransactions(Wait);
        Assert.Equal(0, Committed("unsent"));
        Assert.Empty(Open("unsent"));
    }

    [SharedFact(SharedBroker.Script)]
    public void A_transaction_that_its_coordinator_has_forgotten_is_found_hanging()
    {
        const string Id = "forgotten";
        CommitInOutage(Id, CutAt.Request);
        using (var coordinator = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = broker.Address, ClientId = "__admin_client" }).Build())
        {
            // The key of an id: a version (0), its length, and itself. In one of the partitions the tombstone meets it.
            byte[] key = [0, 0, 0, (byte)Id.Length, .. Encoding.UTF8.GetBytes(Id)];
            for (var partition = 0; partition < 4; partition++)
                coordinator.ProduceAsync(new TopicPartition("__transaction_state", partition), new Message<byte[], byte[]> { Key = key, Value = null! }).Wait(Wait);
        }

        broker.Broker.KillAndRestart();
        Assert.Contains("hanging", Assert.Single(Open(Id)), StringComparison.Ordinal);
    }

    /// <summary>One record in a transaction, whose commit is cut off; then nothing answers until the client has given up.</summary>
    private void CommitInOutage(string name, CutAt at)
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Address }).Build())
            admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = 1 }]).Wait(Wait);
        using (var producer = Producer(name))
        {
            producer.InitTransactions(Wait);
            producer.BeginTransaction();
            producer.ProduceAsync(name, new Message<byte[], byte[]> { Value = [1] }).Wait(Wait);
            broker.Proxy.Order(new Cut(ApiKey.EndTxn, at), beginsOutage: true);
            Assert.Throws<KafkaRetriableException>(() => producer.CommitTransaction(TimeSpan.FromSeconds(2)));
        }

        broker.Proxy.EndOutage();
    }

    /// <summary>Of the id, or in the topic, of that name.</summary>
    private IEnumerable<string> Open(string name) => OpenTransactions.Of(broker.Broker).Where(line => line.Contains(name, StringComparison.Ordinal));

    private IProducer<byte[], byte[]> Producer(string id) => new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = broker.Address, TransactionalId = id })
        .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();

    private int Committed(string topic) => (int)new PlainLog(broker.Address).Read(topic, IsolationLevel.ReadCommitted).Records;
}
