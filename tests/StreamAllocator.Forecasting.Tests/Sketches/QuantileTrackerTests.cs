using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Tests.Sketches;

public class QuantileTrackerTests
{
    [Theory]
    [InlineData("normal")]
    [InlineData("exponential")]
    public void Deciles_come_to_the_exact_quantiles_of_what_was_seen(string distribution)
    {
        var random = SeededRandom.For(11, distribution);
        var quantiles = new float[9];
        var seen = new List<float>();
        for (var label = 0; label < 20_000; label++)
        {
            var value = distribution == "normal" ? (float)random.NextNormal() : (float)-ExactMath.Log(1 - random.NextDouble());
            QuantileTracker.Update(quantiles, Levels.Deciles, value, Math.Max(1f / (label + 1), 0.002f));
            seen.Add(value);
        }

        seen.Sort();
        for (var k = 0; k < 9; k++)
        {
            var below = seen.Count(value => value < quantiles[k]) / (double)seen.Count;
            Assert.InRange(below, ((k + 1) * 0.1) - 0.03, ((k + 1) * 0.1) + 0.03);
        }
    }

    [Fact]
    public void A_mass_point_is_hit_exactly()
    {
        var random = SeededRandom.For(3, "mass");
        float[] quantiles = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        for (var label = 0; label < 3_000; label++)
            QuantileTracker.Update(quantiles, Levels.Deciles, random.NextDouble() < 0.8 ? 0 : 5 + (float)random.NextDouble(), 0.02f);
        Assert.All(quantiles.AsSpan(0, 6).ToArray(), quantile => Assert.Equal(0, quantile));
        Assert.True(quantiles[8] > 4, $"{quantiles[8]}");
    }

    [Fact]
    public void A_collapsed_tracker_finds_a_series_that_woke_up()
    {
        var quantiles = new float[9];
        for (var label = 0; label < 500; label++)
            QuantileTracker.Update(quantiles, Levels.Deciles, 100 + (label % 10), 0.01f);
        Assert.InRange(quantiles[4], 95, 115);
    }

    [Fact]
    public void A_censored_value_pulls_nothing_down()
    {
        float[] quantiles = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        QuantileTracker.Update(quantiles, Levels.Deciles, 4.5f, 0.05f, censored: true);
        Assert.Equal([5, 6, 7, 8, 9], quantiles[4..]);
        Assert.True(quantiles[0] > 1);
    }
}
