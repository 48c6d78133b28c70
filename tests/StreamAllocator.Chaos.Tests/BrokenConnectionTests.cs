using Confluent.Kafka;
using StreamAllocator.Chaos.Tests.Live;
using StreamAllocator.Chaos.Tests.Network;
using StreamAllocator.Domain;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Testing;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Chaos.Tests;

/// <summary>A connection that breaks under a call of the log on Kafka, at a place that a storm meets by chance only.</summary>
[Collection(nameof(ProxiedBroker))]
public sealed class BrokenConnectionTests(ProxiedBroker broker)
{
    private readonly BrokerProxy _proxy = broker.Proxy;

    [SharedFact(SharedBroker.Script)]
    public void Offsets_whose_answer_is_cut_off_are_asked_for_again()
    {
        var target = new TopicPartition("offsets", 0);
        using var log = Open(target, TimeSpan.FromSeconds(30));
        using (var appender = log.OpenAppender("appender"))
            appender.Append(target.Topic, new EventTime(1), [], [], [1], CancellationToken.None);
        foreach (var at in Enum.GetValues<CutAt>())
        {
            var cut = new Cut(ApiKey.ListOffsets, at);
            _proxy.Order(cut);
            Assert.Equal(1, log.EndOffset(target));
            Assert.Equal(1, _proxy.Done[cut]);
        }
    }

    /// <summary>The process ends where librdkafka takes the late answer for that to something else.</summary>
    [SharedFact(SharedBroker.Script)]
    public void An_answer_to_a_commit_that_comes_after_its_call_has_timed_out_does_no_harm()
    {
        var target = new TopicPartition("commits", 0);
        using var log = Open(target, TimeSpan.FromSeconds(2));
        using var outputs = new OutputBatch();
        outputs.Append(target, new EventTime(1), "key"u8, [], [1]);
        const int Times = 5;
        for (var times = 0; times < Times; times++)
        {
            using var producer = log.OpenProducer("producer");
            producer.Send(outputs);
            _proxy.Order(new Cut(ApiKey.EndTxn, CutAt.Answer), beginsOutage: true);
            Assert.Throws<LogOutcomeUnknownException>(() => producer.Commit(null, []));
            var answers = _proxy.Answers(ApiKey.EndTxn);
            _proxy.EndOutage();

            // The client connects again and asks again by itself.
            Assert.True(SpinWait.SpinUntil(() => _proxy.Answers(ApiKey.EndTxn) > answers, TimeSpan.FromSeconds(20)));
        }

        Assert.Equal(Times, new PlainLog(broker.Address).Read(target.Topic, IsolationLevel.ReadCommitted).Records);
    }

    private KafkaLog Open(TopicPartition target, TimeSpan callTimeout)
    {
        using (var log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = broker.Address }))
        {
            log.CreateTopics([new TopicSpec(target.Topic, 1)]);
            log.OpenProducer("producer").Dispose();
        }

        return KafkaLog.Open(new KafkaLogOptions { BootstrapServers = broker.Address, CallTimeout = callTimeout });
    }
}

[CollectionDefinition(nameof(ProxiedBroker))]
public sealed class ProxiedBrokerDefinition : ICollectionFixture<ProxiedBroker>;
