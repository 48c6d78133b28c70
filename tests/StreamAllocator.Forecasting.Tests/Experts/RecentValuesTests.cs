using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Tests.Experts;

public class RecentValuesTests
{
    [Fact]
    public void Deciles_are_those_of_the_last_48_values()
    {
        var series = new OneSeries(new RecentValues());
        for (var window = 0; window < 100; window++)
            series.Add(1000);
        for (var value = 48; value >= 1; value--)
            series.Add(value);
        var deciles = series.Deciles(7);
        for (var k = 0; k < 9; k++)
            Assert.Equal(1 + ((k + 1) * 0.1f * 47), deciles[k], 3);
    }

    [Fact]
    public void A_past_origin_is_answered_without_what_came_after_it()
    {
        var series = new OneSeries(new RecentValues());
        for (var window = 0; window < 60; window++)
            series.Add(2);
        series.Add(900, 900, 900, 900, 900, 900, 900, 900, 900, 900, 900);
        Assert.Equal(2, series.Deciles(12, 11)[8]);
        Assert.Equal(900, series.Deciles(12, 0)[8]);
    }
}
