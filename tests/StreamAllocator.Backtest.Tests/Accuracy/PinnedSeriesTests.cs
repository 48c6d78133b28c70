using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.Accuracy;

public sealed class PinnedSeriesTests
{
    private const int Count = QuantileLevels.DecileCount;

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Running_forecasts_equal_those_worked_out_from_the_rules_at_each_origin(ulong seed)
    {
        var values = Series(seed, 2500);
        var series = new PinnedSeries(values);
        Span<float> deciles = stackalloc float[4 * Count];
        while (series.Origin + 1 < values.Length)
        {
            series.Advance();
            if (series.Origin % 83 != 0 && series.Origin is < 20 or > 40 || !series.HasValue)
                continue;
            foreach (var lead in new[] { 12, 1, 5 })
            {
                series.Forecast(lead, deciles);
                for (var at = 0; at < deciles.Length; at++)
                {
                    var expected = ByTheRules(values, series.Origin, lead, (PinnedBaseline)(at / Count), QuantileLevels.All[at % Count]);
                    Assert.True(
                        Math.Abs(expected - deciles[at]) <= 1e-5 * (1 + expected),
                        $"seed {seed} origin {series.Origin} lead {lead} {(PinnedBaseline)(at / Count)} {at % Count}: {deciles[at]} for {expected}");
                }
            }
        }
    }

    [Fact]
    public void Before_the_first_value_there_is_no_forecast()
    {
        var series = new PinnedSeries(new[] { float.NaN, 2f });
        Assert.False(series.HasValue);
        series.Advance();
        Assert.False(series.HasValue);
        Assert.Throws<InvalidOperationException>(() => series.Forecast(1, new float[4 * Count]));
        series.Advance();
        Assert.True(series.HasValue);
    }

    [Fact]
    public void Fewer_than_twelve_residuals_give_the_newest_value_alone()
    {
        var series = new PinnedSeries(Enumerable.Range(0, 14).Select(at => at % 2 == 0 ? 1f : 3f).ToArray());
        var deciles = new float[4 * Count];
        for (var window = 0; window < 12; window++)
            series.Advance();

        series.Forecast(1, deciles);
        Assert.Equal(Enumerable.Repeat(3f, Count), deciles[..Count]);
        series.Advance();
        series.Forecast(1, deciles);
        Assert.NotEqual(deciles[0], deciles[Count - 1]);
    }

    /// <summary>A third of the windows missing, a hole above two days, many zeros and repeated values.</summary>
    private static float[] Series(ulong seed, int length)
    {
        var random = new SeededRandom(seed);
        var values = new float[length];
        for (var at = 0; at < length; at++)
        {
            var draw = random.NextInt32(9);
            values[at] = draw < 3 || at is < 4 or (> 700 and < 1400) ? float.NaN : draw < 5 ? 0 : draw + (float)random.NextDouble();
        }

        return values;
    }

    private static float Newest(float[] values, int origin) => values.Take(origin + 1).LastOrDefault(value => !float.IsNaN(value), float.NaN);

    private static float Point(float[] values, int origin, int lead, PinnedBaseline baseline)
    {
        var dayBefore = origin + lead - 288;
        return baseline == PinnedBaseline.Day && dayBefore >= 0 && !float.IsNaN(values[dayBefore]) ? values[dayBefore] : Newest(values, origin);
    }

    private static double ByTheRules(float[] values, int origin, int lead, PinnedBaseline baseline, double level)
    {
        if (baseline == PinnedBaseline.Mix)
        {
            var weight = Math.Exp(-lead / 8.0);
            return weight * ByTheRules(values, origin, lead, PinnedBaseline.Last, level)
                + (1 - weight) * ByTheRules(values, origin, lead, PinnedBaseline.Recent, level);
        }

        if (baseline == PinnedBaseline.Recent)
        {
            var recent = values[Math.Max(0, origin - 47)..(origin + 1)].Where(value => !float.IsNaN(value)).ToArray();
            return recent.Length == 0 ? Newest(values, origin) : Quantile(recent, level);
        }

        var residuals = Enumerable.Range(lead, Math.Max(0, origin - lead + 1))
            .Select(target => values[target] - Point(values, target - lead, lead, baseline))
            .Where(residual => !float.IsNaN(residual)).TakeLast(2016).ToArray();
        var point = Point(values, origin, lead, baseline);
        return residuals.Length < 12 ? point : Math.Max(0, point + Quantile(residuals, level));
    }

    private static double Quantile(float[] values, double level)
    {
        var sorted = values.Order().ToArray();
        var position = level * (sorted.Length - 1);
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
