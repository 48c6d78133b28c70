using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// <em>rank</em>: the newest value plus the quantiles of its residuals kept apart by the rank of that value among the levels of the
/// series, 8 bins: from a high level demand mostly falls, from a low one it mostly rises, which no single residual distribution says.
/// State: 7 tracked octiles of the level, the lead-1 labels of each bin, then 8 × 4 × 5 quantiles.
/// </summary>
internal sealed class RankedLastValue : IExpert
{
    private const int Bins = 8;
    private const int Residuals = (2 * Bins) - 1;
    private const int MostLabels = 1 << 20;

    /// <summary>Memory of the levels, in windows: about two days.</summary>
    private const float LevelMemory = 600;

    private static readonly float[] Octiles = [0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f];

    public string Name => "rank";

    public int StateFloats => Residuals + (Bins * ResidualQuantiles.Floats);

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        var boundaries = state[..(Bins - 1)];
        if (label.Count == 0)
        {
            boundaries.Fill(label.Value);
            return;
        }

        for (var knot = LeadKnots.Count - 1; knot >= 0; knot--)
        {
            if (label.Count < LeadKnots.Leads[knot])
                continue;
            var level = history.Value(LeadKnots.Leads[knot] - 1);
            var bin = Bin(boundaries, level);
            ref var labels = ref state[Bins - 1 + bin];
            var offset = Residuals + (bin * ResidualQuantiles.Floats);
            if (labels == 0)
                StartBin(state.Slice(offset, ResidualQuantiles.Floats), label.Value - level, label.Censored);
            else
                ResidualQuantiles.Observe(
                    state.Slice(offset + (knot * ResidualQuantiles.Kept), ResidualQuantiles.Kept), label.Value - level, (int)labels, label.Censored);
            if (knot == 0 || labels == 0)
                labels = Math.Min(labels + 1, MostLabels);
        }

        QuantileTracker.Update(boundaries, Octiles, label.Value, Math.Max(1f / (label.Count + 1), 1 / LevelMemory));
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        var point = history.Origin(query);
        var bin = Bin(state[..(Bins - 1)], point);
        ResidualQuantiles.Spread(state.Slice(Residuals + (bin * ResidualQuantiles.Floats), ResidualQuantiles.Floats), query.Lead, point, deciles);
    }

    /// <summary>The first label of a bin speaks for every lead until those have their own.</summary>
    private static void StartBin(Span<float> quantiles, float residual, bool censored)
    {
        for (var knot = 0; knot < LeadKnots.Count; knot++)
            ResidualQuantiles.Observe(quantiles.Slice(knot * ResidualQuantiles.Kept, ResidualQuantiles.Kept), residual, 0, censored);
    }

    private static int Bin(ReadOnlySpan<float> boundaries, float level)
    {
        var bin = 0;
        while (bin < boundaries.Length && boundaries[bin] < level)
            bin++;
        return bin;
    }
}
