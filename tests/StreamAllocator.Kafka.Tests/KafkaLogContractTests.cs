using StreamAllocator.Pipeline.Conformance;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka.Tests;

/// <summary>The log on Kafka keeps to what every log does.</summary>
public abstract class KafkaLogContract(KafkaLogOptions options) : EventLogContract
{
    protected override TimeSpan Deadline => TimeSpan.FromMinutes(2);

    protected override IEventLog Open() => new CompactedSoon(KafkaLog.Open(options), options);

    // What a kill leaves: members and transactions that the broker believes alive.
    protected override IEventLog Reopen(IEventLog log) => Open();
}

[NeedsBroker]
public sealed class KafkaLogContractTests() : KafkaLogContract(Broker.Options);

/// <summary>The same with a password, over TLS.</summary>
[NeedsBroker]
public sealed class KafkaLogOverSaslAndTlsContractTests() : KafkaLogContract(SecuredBroker.Options);
