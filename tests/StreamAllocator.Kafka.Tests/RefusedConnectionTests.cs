using System.Net;
using System.Net.Sockets;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka.Tests;

/// <summary>What does not connect says why, in one message and soon.</summary>
[NeedsBroker]
public sealed class RefusedConnectionTests
{
    [Fact]
    public void A_wrong_password_is_refused_at_once_and_not_told()
    {
        var error = Assert.Throws<LogException>(() => KafkaLog.Open(SecuredBroker.With("wrong-password")));
        Assert.Contains("refuses this client", error.Message, StringComparison.Ordinal);
        Assert.Contains("uthentication failed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_an_unknown_authority_is_refused_at_once()
    {
        var error = Assert.Throws<LogException>(() => KafkaLog.Open(SecuredBroker.With("test-secret", knowsAuthority: false)));
        Assert.Contains("refuses this client", error.Message, StringComparison.Ordinal);
        Assert.Contains("certificate", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Where_nobody_listens_it_gives_up_after_the_timeout()
    {
        var address = $"127.0.0.1:{UnusedPort()}";
        var error = Assert.Throws<LogException>(() => KafkaLog.Open(new KafkaLogOptions { BootstrapServers = address, CallTimeout = TimeSpan.FromSeconds(1) }));
        Assert.Contains(address, error.Message, StringComparison.Ordinal);
        Assert.Contains("refused", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_property_that_librdkafka_does_not_know_is_named()
    {
        var options = Broker.Options with { Properties = new Dictionary<string, string> { ["sasl.pasword"] = "x" } };
        Assert.Contains("sasl.pasword", Assert.Throws<LogException>(() => KafkaLog.Open(options)).Message, StringComparison.Ordinal);
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
