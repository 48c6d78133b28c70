namespace StreamAllocator.History.Tests;

public sealed class HistoryOptionsTests
{
    [Fact]
    public void The_defaults_are_valid_and_write_no_history()
    {
        Assert.Empty(new HistoryOptions().Validate());
        Assert.Null(new HistoryOptions().Url);
    }

    [Fact]
    public void Every_violation_is_told_with_what_was_found()
    {
        var violations = new HistoryOptions
        {
            Url = "influx:8086",
            Org = "",
            Bucket = " ",
            Token = "two words",
            Timeout = TimeSpan.Zero,
            BatchRecords = 0,
            Group = "a/b",
            Leads = [0, 13],
            Quantiles = [0.25],
        }.Validate().ToList();

        Assert.Equal(["Url", "Org", "Bucket", "Token", "Timeout", "BatchRecords", "Group", "Leads", "Leads", "Quantiles"], violations.Select(violation => violation.Split(' ', ':')[0]));
        Assert.DoesNotContain(violations, violation => violation.Contains("two words", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8086")]
    [InlineData("https://influx.example:443/")]
    public void A_server_is_scheme_host_and_port(string url) => Assert.Empty(new HistoryOptions { Url = url }.Validate());

    [Theory]
    [InlineData("http://user:password@influx:8086")]
    [InlineData("http://influx:8086/api/v2/write")]
    [InlineData("ftp://influx")]
    [InlineData("http://influx:8086/?token=x")]
    public void Anything_else_is_refused(string url) => Assert.Single(new HistoryOptions { Url = url }.Validate());

    [Fact]
    public void Printed_options_do_not_hold_the_token() =>
        Assert.DoesNotContain("a-secret-token", new HistoryOptions { Url = "http://influx:8086", Token = "a-secret-token" }.ToString(), StringComparison.Ordinal);
}
