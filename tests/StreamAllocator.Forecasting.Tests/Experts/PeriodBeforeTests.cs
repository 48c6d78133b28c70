using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Tests.Experts;

public class PeriodBeforeTests
{
    [Theory]
    [InlineData(12)]
    [InlineData(288)]
    public void A_series_that_repeats_is_forecast_exactly(int period)
    {
        var series = new OneSeries(new PeriodBefore("period", period));
        for (var window = 0; window < 3 * period; window++)
            series.Add(window % period);
        for (var lead = 1; lead <= 12; lead++)
            Assert.Equal((series.Count - 1 + lead) % period, series.Deciles(lead)[4]);
    }

    [Fact]
    public void A_past_origin_is_answered_with_what_was_a_period_before_its_target()
    {
        var series = new OneSeries(new PeriodBefore("hour", 12));
        for (var window = 0; window < 100; window++)
            series.Add(window % 12);
        Assert.Equal((99 - 5 + 6) % 12, series.Deciles(6, 5)[4]);
    }
}
