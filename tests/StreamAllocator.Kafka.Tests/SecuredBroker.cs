using StreamAllocator.Testing;

namespace StreamAllocator.Kafka.Tests;

/// <summary>A broker of ../shared/kafka that speaks TLS and asks for a password (SCRAM). Started at the first use.</summary>
internal static class SecuredBroker
{
    public const string User = "test";

    private static readonly Lazy<SharedBroker> Started = new(() => new SharedBroker(Broker.Settings, "--sasl-tls-port", "0"));

    public static KafkaLogOptions Options => With("test-secret");

    public static KafkaLogOptions With(string password, bool knowsAuthority = true) => new()
    {
        BootstrapServers = $"localhost:{Started.Value.Port("sasl-tls")}",
        Properties = new Dictionary<string, string>
        {
            ["security.protocol"] = "SASL_SSL",
            ["sasl.mechanism"] = "SCRAM-SHA-512",
            ["sasl.username"] = User,
            ["sasl.password"] = password,
            [knowsAuthority ? "ssl.ca.location" : "ssl.cipher.suites"] = knowsAuthority ? Path.Combine(Started.Value.Folder, "tls", "ca.pem") : "DEFAULT",
        },
    };
}
