using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Tests.Experts;

public class LastValueTests
{
    [Fact]
    public void First_residual_makes_an_interval_from_its_mirror_image_to_itself()
    {
        var series = new OneSeries(new LastValue());
        series.Add(10, 14);
        Assert.Equal([10, 11, 12, 13, 14, 15, 16, 17, 18], series.Deciles(1));
    }

    [Fact]
    public void A_steady_slope_is_learned_as_a_residual_that_grows_with_the_lead()
    {
        var series = new OneSeries(new LastValue());
        for (var window = 0; window < 600; window++)
            series.Add(1000 + window);
        Assert.All(series.Deciles(1), decile => Assert.InRange(decile, 1599.3f, 1600.7f));
        Assert.All(series.Deciles(12), decile => Assert.InRange(decile, 1609.5f, 1612.5f));
    }

    [Fact]
    public void Spread_between_two_knots_follows_the_square_root_of_the_lead()
    {
        var random = SeededRandom.For(4, "walk");
        var series = new OneSeries(new LastValue());
        var value = 5000f;
        for (var window = 0; window < 5000; window++)
            series.Add(value += (float)random.NextNormal());
        var width9 = series.Deciles(9)[8] - series.Deciles(9)[0];
        var between = (series.Deciles(6)[8] - series.Deciles(6)[0] + series.Deciles(12)[8] - series.Deciles(12)[0]) / 2;
        Assert.InRange(width9 / between, 0.98f, 1.06f);
    }
}
