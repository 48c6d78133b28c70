namespace StreamAllocator.Kafka;

public sealed record KafkaLogOptions
{
    /// <summary><c>HOST:PORT[,HOST:PORT…]</c>.</summary>
    public string BootstrapServers { get; init; } = "localhost:9092";

    /// <summary>
    /// Properties of librdkafka as they are (security.protocol, sasl.username, ssl.ca.location …), for every client. What exactly-once stands on
    /// is not to be had otherwise: see <see cref="Reserved"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>A member that was not heard of for so long loses its partitions. At least what the broker allows (6 s by default).</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The broker aborts a transaction that is open for longer; until then it holds up readers.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call waits for the broker's answer before it fails.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Properties that a configuration cannot set.</summary>
    public static IReadOnlySet<string> Reserved { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "bootstrap.servers", "metadata.broker.list", "client.id", "group.id", "group.instance.id", "group.protocol", "transactional.id", "isolation.level",
        "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "enable.idempotence", "enable.partition.eof",
        "partition.assignment.strategy", "allow.auto.create.topics", "session.timeout.ms", "transaction.timeout.ms",
    };

    /// <summary>Without the values of properties that are secrets.</summary>
    public KafkaLogOptions Redacted() => this with
    {
        Properties = Properties.ToDictionary(property => property.Key, property => IsSecret(property.Key) ? "(set)" : property.Value),
    };

    public IEnumerable<string> Validate()
    {
        if (BootstrapServers.Length == 0 || BootstrapServers.Split(',').Any(server => server.Split(':') is not [{ Length: > 0 }, var port] || !ushort.TryParse(port, out _)))
            yield return $"Kafka servers '{BootstrapServers}': expected HOST:PORT[,HOST:PORT...]";
        foreach (var name in Properties.Keys.Where(Reserved.Contains))
            yield return $"Kafka property {name}: it is set by StreamAllocator and cannot be configured";
        if (SessionTimeout < TimeSpan.FromSeconds(1))
            yield return $"session timeout {SessionTimeout}: expected 1 s or more";
        if (TransactionTimeout < TimeSpan.FromSeconds(1))
            yield return $"transaction timeout {TransactionTimeout}: expected 1 s or more";
        if (CallTimeout < TimeSpan.FromSeconds(1))
            yield return $"call timeout {CallTimeout}: expected 1 s or more";
    }

    private static bool IsSecret(string name) =>
        name.Contains("password", StringComparison.Ordinal) || name.Contains("secret", StringComparison.Ordinal)
        || name.EndsWith(".pem", StringComparison.Ordinal) || name == "sasl.oauthbearer.config";
}
