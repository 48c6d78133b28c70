using System.Globalization;
using Confluent.Kafka;

namespace StreamAllocator.Kafka;

/// <summary>What the clients are configured with: what exactly-once stands on, over what the operator passes through, over a few defaults.</summary>
internal static class ClientSettings
{
    /// <summary>Largest record of a topic, with its batch: 32 MiB.</summary>
    public const int MaxMessageBytes = 32 << 20;

    public static AdminClientConfig Admin(KafkaLogOptions options) => new(Common(options));

    /// <param name="group">Of a reader without a group, a name that it never joins or commits under: librdkafka asks for one.</param>
    /// <param name="member">Static membership: its successor takes its place at once, and the coordinator fences it.</param>
    public static ConsumerConfig Consumer(
        KafkaLogOptions options, string group, string? member, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        var settings = Common(options);

        // A record that is larger comes all the same, alone. Larger answers are memory that the kernel has to clear for each of them.
        settings.TryAdd("fetch.message.max.bytes", Text(1 << 20));
        settings.TryAdd("fetch.max.bytes", Text(4 << 20));
        settings.TryAdd("receive.message.max.bytes", Text(4L * MaxMessageBytes));
        settings.TryAdd("fetch.wait.max.ms", "50");

        // A queue that is full for a moment must not keep the fetcher from the broker for a whole second.
        settings.TryAdd("fetch.queue.backoff.ms", "5");
        settings.TryAdd("queued.max.messages.kbytes", "16384");
        return new ConsumerConfig(settings)
        {
            GroupId = group,
            GroupInstanceId = member,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            IsolationLevel = isolation,
            AutoOffsetReset = AutoOffsetReset.Error,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            AllowAutoCreateTopics = false,
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,

            // Members hear of a rebalance with their next heartbeat: this is most of what a hand-over takes.
            HeartbeatIntervalMs = (int)options.SessionTimeout.TotalMilliseconds / 20,
        };
    }

    public static ProducerConfig Producer(KafkaLogOptions options, string transactionalId)
    {
        var settings = Common(options);
        settings.TryAdd("message.max.bytes", Text(MaxMessageBytes));
        settings.TryAdd("queue.buffering.max.kbytes", Text(128 << 10));
        settings.TryAdd("linger.ms", "5");
        return new ProducerConfig(settings)
        {
            TransactionalId = transactionalId,
            TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds,
            EnableIdempotence = true,

            // Without delivery reports a commit waits for the last acknowledgement itself, not for a poll that looks every 10 ms.
            EnableDeliveryReports = false,
            EnableBackgroundPoll = false,
        };
    }

    /// <param name="name">Of the client, for the broker's logs and quotas.</param>
    public static ProducerConfig Appender(KafkaLogOptions options, string name)
    {
        var settings = Common(options);
        settings.TryAdd("linger.ms", "0");
        return new ProducerConfig(settings)
        {
            ClientId = name,
            EnableIdempotence = true,
            MessageTimeoutMs = (int)options.CallTimeout.TotalMilliseconds,
        };
    }

    private static Dictionary<string, string> Common(KafkaLogOptions options)
    {
        var settings = new Dictionary<string, string>(options.Properties, StringComparer.Ordinal) { ["bootstrap.servers"] = options.BootstrapServers };
        settings.TryAdd("socket.nagle.disable", "true");
        settings.TryAdd("log.thread.name", "false");
        settings.TryAdd("reconnect.backoff.max.ms", "1000");

        // While no broker answers, librdkafka would begin anew with the bootstrap servers, many times a second and past every back-off.
        settings.TryAdd("metadata.recovery.strategy", "none");
        return settings;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
