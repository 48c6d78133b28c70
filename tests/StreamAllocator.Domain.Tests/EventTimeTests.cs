namespace StreamAllocator.Domain.Tests;

public sealed class EventTimeTests
{
    private static readonly TimeSpan Five = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(299_999, 0)]
    [InlineData(300_000, 1)]
    [InlineData(-1, -1)]
    [InlineData(-300_000, -1)]
    public void A_window_is_half_open_and_aligned_to_the_epoch(long milliseconds, long index) =>
        Assert.Equal(index, new EventTime(milliseconds).WindowIndex(Five));

    [Fact]
    public void Prints_as_RFC_3339() => Assert.Equal("2013-08-02T00:00:00Z", EventTime.FromUnixSeconds(1375401600).ToString());

    [Theory]
    [InlineData(long.MinValue, "unknown")]
    [InlineData(long.MinValue + 1, "-9223372036854775807 ms")]
    [InlineData(long.MaxValue, "9223372036854775807 ms")]
    [InlineData(253_402_300_799_999, "9999-12-31T23:59:59.999Z")]
    public void A_time_that_no_calendar_has_is_printed_too(long milliseconds, string text) =>
        Assert.Equal(text, new EventTime(milliseconds).ToString());
}
