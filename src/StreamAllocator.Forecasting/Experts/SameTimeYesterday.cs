using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary><em>day</em>: the value a day before the target plus the quantiles of its residuals, which do not depend on the lead time.</summary>
internal sealed class SameTimeYesterday : IExpert
{
    public string Name => "day";

    public int StateFloats => QuantileLevels.DecileCount;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        if (label.Count < history.WindowsPerDay)
            return;
        var residual = label.Value - history.Value(history.WindowsPerDay - 1);
        var rate = ResidualQuantiles.Rate(label.Count - history.WindowsPerDay);
        QuantileTracker.Update(state, Levels.Deciles, residual, rate, label.Censored);
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        var point = history.Value(history.WindowsPerDay + query.Back - query.Lead);
        for (var k = 0; k < deciles.Length; k++)
            deciles[k] = point + state[k];
    }
}
