using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Calibration;

namespace StreamAllocator.Forecasting.Tests.Calibration;

public class DwellMaximumTests
{
    [Fact]
    public void Quantiles_of_the_maximum_hold_on_independent_windows()
    {
        var random = SeededRandom.For(31, "peaks");
        var state = new float[DwellMaximum.Floats];
        var words = SeriesLayout.Words(state);
        DwellMaximum.Start(state, words);
        var peaks = new List<float>();
        var served = new List<float[]>();
        for (var window = 0; window < 20_000; window++)
        {
            peaks.Add((float)-ExactMath.Log(1 - random.NextDouble()));
            DwellMaximum.Observe(state, words, window, peaks[^1], 0.01f);
            var quantiles = new float[QuantileLevels.Count];
            DwellMaximum.Serve(state, words, window, DwellHorizons.Hour, 0.7f, 1.6f, quantiles);
            served.Add(quantiles);
        }

        foreach (var level in new[] { 4, 8, 9, 10 })
        {
            var above = 0;
            for (var origin = 5000; origin < 19_900; origin++)
                above += peaks.Skip(origin + 1).Take(12).Max() > served[origin][level] ? 1 : 0;
            var nominal = 1 - QuantileLevels.All[level];
            Assert.InRange(above / 14_900.0, 0.4 * nominal, (1.4 * nominal) + 0.01);
        }
    }

    [Fact]
    public void A_label_with_more_than_a_quarter_missing_is_not_one()
    {
        var state = new float[DwellMaximum.Floats];
        var words = SeriesLayout.Words(state);
        DwellMaximum.Start(state, words);
        var fresh = state[^13..];
        DwellMaximum.Observe(state, words, 0, 1, 0.01f);
        DwellMaximum.Serve(state, words, 0, DwellHorizons.Hour, 1, 1, new float[13]);
        for (var window = 1; window <= 12; window++)
            DwellMaximum.Observe(state, words, window, window <= 4 ? float.NaN : 100, 0.01f);
        Assert.Equal(fresh, state[^13..]);
    }
}
