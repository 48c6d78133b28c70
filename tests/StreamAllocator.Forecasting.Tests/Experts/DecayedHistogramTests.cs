using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Tests.Experts;

public class DecayedHistogramTests
{
    [Fact]
    public void Deciles_are_those_of_the_values_whatever_came_last()
    {
        var random = SeededRandom.For(6, "uniform");
        var series = new OneSeries(new DecayedHistogram());
        for (var window = 0; window < 3000; window++)
            series.Add((float)random.NextDouble());
        series.Add(1);
        for (var k = 0; k < 9; k++)
            Assert.InRange(series.Deciles(12)[k], ((k + 1) * 0.1f) - 0.13f, ((k + 1) * 0.1f) + 0.13f);
    }

    [Theory]
    [InlineData(12, 0.8, 1.01)]
    [InlineData(2000, 0, 0.2)]
    public void Half_life_says_how_soon_the_old_is_forgotten(float halfLife, double least, double most)
    {
        var series = new OneSeries(new DecayedHistogram()) { Parameters = SmoothingParameters.Default with { HalfLifeWindows = halfLife } };
        for (var window = 0; window < 1000; window++)
            series.Add(window % 2 * 0.01f);
        for (var window = 0; window < 150; window++)
            series.Add(1);
        Assert.InRange(series.Deciles(1)[4], least, most);
    }
}
