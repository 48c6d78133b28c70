using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>Quantiles of the residuals of a point forecast, tracked at the levels 0.1, 0.3, 0.5, 0.7 and 0.9.</summary>
internal static class ResidualQuantiles
{
    /// <summary>Levels kept; the deciles between them are their means.</summary>
    public const int Kept = 5;

    /// <summary>One set of levels at each lead knot.</summary>
    public const int Floats = LeadKnots.Count * Kept;

    /// <summary>Memory of the residuals, in labels.</summary>
    private const float Memory = 120;

    private static readonly float[] KeptLevels = [0.1f, 0.3f, 0.5f, 0.7f, 0.9f];

    /// <summary>One label; <paramref name="labels"/> came before it.</summary>
    public static void Observe(Span<float> quantiles, float residual, int labels, bool censored)
    {
        if (labels == 0)
            Start(quantiles, residual);
        else
            QuantileTracker.Update(quantiles, KeptLevels, residual, Math.Max(1f / (labels + 1), 1 / Memory), censored);
    }

    /// <summary>The point forecast plus the deciles at a lead, interpolated between knots.</summary>
    public static void Spread(ReadOnlySpan<float> state, int lead, float point, Span<float> deciles)
    {
        var lower = state.Slice(LeadKnots.Lower(lead) * Kept, 2 * Kept);
        var share = LeadKnots.UpperShare(lead);
        for (var k = 0; k < Kept; k++)
            deciles[2 * k] = point + lower[k] + ((lower[Kept + k] - lower[k]) * share);
        FillBetween(deciles);
    }

    /// <summary>The point forecast plus deciles that do not depend on the lead.</summary>
    public static void Spread(ReadOnlySpan<float> quantiles, float point, Span<float> deciles)
    {
        for (var k = 0; k < Kept; k++)
            deciles[2 * k] = point + quantiles[k];
        FillBetween(deciles);
    }

    /// <summary>Deciles 0.2, 0.4, 0.6 and 0.8 from their neighbours.</summary>
    public static void FillBetween(Span<float> deciles)
    {
        for (var k = 1; k < QuantileLevels.DecileCount; k += 2)
            deciles[k] = (deciles[k - 1] + deciles[k + 1]) * 0.5f;
    }

    /// <summary>One residual seen: an interval from its mirror image to itself, which is wide on purpose.</summary>
    private static void Start(Span<float> quantiles, float residual)
    {
        var width = Math.Abs(residual);
        for (var k = 0; k < Kept; k++)
            quantiles[k] = width * (k - (Kept / 2)) / (Kept / 2);
    }
}
