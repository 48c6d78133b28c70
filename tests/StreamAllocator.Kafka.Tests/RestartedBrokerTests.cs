using System.Diagnostics;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Testing;

namespace StreamAllocator.Kafka.Tests;

/// <summary>A broker that starts again is the leader of its partitions for another time, which those who knew it before have to learn.</summary>
public sealed class RestartedBrokerTests
{
    [SharedFact(SharedBroker.Script)]
    public void Offsets_are_told_again_once_the_broker_is_back()
    {
        using var broker = new SharedBroker([]);
        var options = new KafkaLogOptions { BootstrapServers = broker.Bootstrap };
        using var log = KafkaLog.Open(options);
        log.CreateTopics([new TopicSpec("topic", 2)]);
        Assert.Equal(0, log.EndOffset(new TopicPartition("topic", 1)));
        broker.KillAndRestart();
        var waited = Stopwatch.StartNew();
        Assert.Equal(0, log.EndOffset(new TopicPartition("topic", 1)));
        Assert.InRange(waited.Elapsed, TimeSpan.Zero, options.CallTimeout / 2);
    }
}
