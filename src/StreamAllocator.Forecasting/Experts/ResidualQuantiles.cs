using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>Deciles of the residuals of a point forecast at each lead knot, tracked: 4 × 9 floats.</summary>
internal static class ResidualQuantiles
{
    public const int Floats = LeadKnots.Count * QuantileLevels.DecileCount;

    /// <summary>Memory of the residuals, in labels.</summary>
    public const float Memory = 120;

    public static void Observe(Span<float> state, int knot, float residual, int count, bool censored)
    {
        var quantiles = state.Slice(knot * QuantileLevels.DecileCount, QuantileLevels.DecileCount);
        if (count == LeadKnots.Leads[knot])
            Start(quantiles, residual);
        else if (count > LeadKnots.Leads[knot])
            QuantileTracker.Update(quantiles, Levels.Deciles, residual, Rate(count - LeadKnots.Leads[knot]), censored);
    }

    /// <summary>Adds the deciles at a lead, interpolated between knots, to the point forecast already there.</summary>
    public static void Spread(ReadOnlySpan<float> state, int lead, float point, Span<float> deciles)
    {
        var lower = state.Slice(LeadKnots.Lower(lead) * QuantileLevels.DecileCount, 2 * QuantileLevels.DecileCount);
        var upper = lower[QuantileLevels.DecileCount..];
        var share = LeadKnots.UpperShare(lead);
        for (var k = 0; k < QuantileLevels.DecileCount; k++)
            deciles[k] = point + lower[k] + ((upper[k] - lower[k]) * share);
    }

    public static float Rate(int labels) => Math.Max(1f / (labels + 1), 1 / Memory);

    /// <summary>One residual seen: an interval from its mirror image to itself, which is wide on purpose.</summary>
    private static void Start(Span<float> quantiles, float residual)
    {
        var width = Math.Abs(residual);
        for (var k = 0; k < quantiles.Length; k++)
            quantiles[k] = width * (k - QuantileLevels.Median) / QuantileLevels.Median;
    }
}
