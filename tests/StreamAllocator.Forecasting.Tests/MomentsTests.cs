using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Tests;

public class MomentsTests
{
    [Fact]
    public void Uniform_has_mean_a_half_and_deviation_one_over_root_twelve()
    {
        var quantiles = new float[QuantileLevels.Count];
        for (var k = 0; k < quantiles.Length; k++)
            quantiles[k] = (float)QuantileLevels.All[k];
        Moments.Derive(quantiles, out var mean, out var deviation);
        Assert.Equal(0.5f, mean, 4);
        Assert.Equal(0.288675f, deviation, 4);
    }

    [Fact]
    public void A_single_value_has_no_deviation()
    {
        var quantiles = new float[QuantileLevels.Count];
        quantiles.AsSpan().Fill(3e9f);
        Moments.Derive(quantiles, out var mean, out var deviation);
        Assert.Equal(3e9f, mean);
        Assert.Equal(0, deviation);
    }
}
