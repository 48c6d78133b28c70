namespace StreamAllocator.Kafka.Tests;

public sealed class KafkaLogOptionsTests
{
    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var options = new KafkaLogOptions
        {
            BootstrapServers = "localhost",
            Properties = new Dictionary<string, string> { ["isolation.level"] = "read_uncommitted", ["client.rack"] = "a" },
            SessionTimeout = TimeSpan.Zero,
            TransactionTimeout = TimeSpan.FromMilliseconds(1),
            CallTimeout = TimeSpan.Zero,
        };
        Assert.Equal(5, options.Validate().Count());
        Assert.Contains(options.Validate(), violation => violation.Contains("isolation.level", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("localhost:9092")]
    [InlineData("10.0.0.1:9092,broker-2.example:9093")]
    public void Servers_are_hosts_with_ports(string servers) =>
        Assert.Empty(new KafkaLogOptions { BootstrapServers = servers }.Validate());

    [Theory]
    [InlineData("sasl.password")]
    [InlineData("ssl.key.password")]
    [InlineData("ssl.key.pem")]
    [InlineData("sasl.oauthbearer.client.secret")]
    public void Secrets_are_not_shown(string property)
    {
        var options = new KafkaLogOptions { Properties = new Dictionary<string, string> { [property] = "hidden", ["sasl.username"] = "shown" } };
        Assert.Equal(["(set)", "shown"], options.Redacted().Properties.OrderBy(entry => entry.Key.EndsWith("name", StringComparison.Ordinal)).Select(entry => entry.Value));
    }

    [Fact]
    public void A_property_of_the_operator_goes_before_a_default()
    {
        var options = new KafkaLogOptions { Properties = new Dictionary<string, string> { ["reconnect.backoff.max.ms"] = "7" } };
        Assert.Equal("7", ClientSettings.Admin(options).Get("reconnect.backoff.max.ms"));
        Assert.Equal("1000", ClientSettings.Admin(new KafkaLogOptions()).Get("reconnect.backoff.max.ms"));
    }
}
