namespace StreamAllocator.Forecasting.Tests;

public class GuardsTests
{
    [Fact]
    public void Stale_deciles_are_widened_as_a_random_walk_and_at_most_fourfold()
    {
        Assert.Equal(20, Width(3, 0), 3);
        Assert.Equal(40, Width(3, 9), 3);
        Assert.Equal(80, Width(1, 10_000), 3);

        static float Width(int lead, int age)
        {
            float[] deciles = [90, 92, 95, 98, 100, 102, 105, 108, 110];
            Guards.Widen(deciles, lead, age, false, 0.001f);
            return deciles[8] - deciles[0];
        }
    }

    [Fact]
    public void A_constant_series_gets_the_resolution_as_width()
    {
        float[] deciles = [100, 100, 100, 100, 100, 100, 100, 100, 100];
        Guards.Widen(deciles, 1, 0, false, 0.01f);
        Assert.Equal([99, 99.25f, 99.5f, 99.75f, 100, 100.25f, 100.5f, 100.75f, 101], deciles);
    }

    [Fact]
    public void Crossing_negative_not_finite_and_too_large_quantiles_are_mended()
    {
        float[] quantiles = [-1, 2, 1, float.NaN, 3, float.PositiveInfinity, 5];
        Guards.Order(quantiles, 4);
        Assert.Equal([0, 2, 2, 2, 3, 4, 4], quantiles);
    }
}
