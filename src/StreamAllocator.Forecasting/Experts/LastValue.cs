namespace StreamAllocator.Forecasting.Experts;

/// <summary><em>last</em>: the newest known value plus the quantiles of its residuals at that lead time.</summary>
internal sealed class LastValue : IExpert
{
    public string Name => "last";

    public int StateFloats => ResidualQuantiles.Floats;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        for (var knot = 0; knot < LeadKnots.Count; knot++)
        {
            var residual = label.Value - history.Value(LeadKnots.Leads[knot] - 1);
            ResidualQuantiles.Observe(state, knot, residual, label.Count, label.Censored);
        }
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles) =>
        ResidualQuantiles.Spread(state, query.Lead, query.Back == 0 ? history.Last : history.Value(query.Back), deciles);
}
