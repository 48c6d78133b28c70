namespace StreamAllocator.Forecasting.Experts;

/// <summary><em>last</em>: the newest known value plus the quantiles of its residuals at that lead time.</summary>
internal sealed class LastValue : IExpert
{
    public string Name => "last";

    public int StateFloats => ResidualQuantiles.Floats;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        for (var knot = 0; knot < LeadKnots.Count && label.Count >= LeadKnots.Leads[knot]; knot++)
        {
            var lead = LeadKnots.Leads[knot];
            var quantiles = state.Slice(knot * ResidualQuantiles.Kept, ResidualQuantiles.Kept);
            ResidualQuantiles.Observe(quantiles, label.Value - history.Value(lead - 1), label.Count - lead, label.Censored);
        }
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles) =>
        ResidualQuantiles.Spread(state, query.Lead, history.Origin(query), deciles);
}
