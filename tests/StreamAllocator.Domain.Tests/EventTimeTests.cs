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
}
