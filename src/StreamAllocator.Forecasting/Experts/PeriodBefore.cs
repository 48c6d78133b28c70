namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// <em>day</em> and <em>hour</em>: the value one period before the target plus the quantiles of its residuals, which do not depend on
/// the lead time. The hour, which is the horizon, serves jobs that run on the clock.
/// </summary>
internal sealed class PeriodBefore(string name, int period) : IExpert
{
    public string Name => name;

    public int StateFloats => ResidualQuantiles.Kept;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        if (label.Count >= period)
            ResidualQuantiles.Observe(state, label.Value - history.Value(period - 1), label.Count - period, label.Censored);
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles) =>
        ResidualQuantiles.Spread(state, history.Value(period + query.Back - query.Lead), deciles);
}
