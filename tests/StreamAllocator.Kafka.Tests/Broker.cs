using StreamAllocator.Testing;
using Testcontainers.Kafka;

namespace StreamAllocator.Kafka.Tests;

/// <summary>
/// The broker of the tests: the one that KAFKA_BOOTSTRAP names, else the one of ../shared/kafka, else one in a container where Docker is;
/// where none of them is there, the tests that need it are skipped and say so.
/// </summary>
public static class Broker
{
    /// <summary>Clean-up within seconds, so that tests can wait for it.</summary>
    internal static readonly Dictionary<string, string> Settings = new()
    {
        ["log.retention.check.interval.ms"] = "500",
        ["log.cleaner.backoff.ms"] = "100",
        ["log.cleaner.delete.retention.ms"] = "100",
    };

    private static readonly Lazy<string> Started = new(Start);

    /// <summary>Null where there is a broker, else why the tests are skipped.</summary>
    public static string? Missing { get; } = Named is not null || SharedBroker.Exists || Path.Exists("/var/run/docker.sock")
        ? null
        : "needs KAFKA_BOOTSTRAP, ../shared/kafka beside the repository, or Docker; none of them is here";

    /// <summary>Started at the first use.</summary>
    public static KafkaLogOptions Options => new() { BootstrapServers = Started.Value };

    private static string? Named => Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP");

    private static string Start()
    {
        if (Named is not null)
            return Named;
        if (SharedBroker.Exists)
            return new SharedBroker(Settings).Bootstrap;
        var container = new KafkaBuilder("apache/kafka:4.3.1").WithEnvironment(Settings.ToDictionary(
            setting => "KAFKA_" + setting.Key.Replace('.', '_').ToUpperInvariant(), setting => setting.Value)).Build();
        container.StartAsync().GetAwaiter().GetResult();
        return container.GetBootstrapAddress();
    }
}
