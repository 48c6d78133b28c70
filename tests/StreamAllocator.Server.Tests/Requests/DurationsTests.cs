using StreamAllocator.Server.Requests;

namespace StreamAllocator.Server.Tests.Requests;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("30m", 1800)]
    [InlineData("1h", 3600)]
    [InlineData("1d12h", 129_600)]
    [InlineData("1.5h", 5400)]
    [InlineData("90s", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("PT1H30M", 5400)]
    [InlineData("P1D", 86_400)]
    [InlineData("pt5m", 300)]
    public void A_duration_is_read_as_people_write_it(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("5 m")]
    [InlineData("1w")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("PT")]
    [InlineData("99999999999999999999h")]
    public void Anything_else_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));
}
