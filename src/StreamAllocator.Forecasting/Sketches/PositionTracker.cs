namespace StreamAllocator.Forecasting.Sketches;

/// <summary>
/// Quantiles of a position counted in served spreads, for levels whose coverage matters more than their loss. The distance from one
/// spread below the centre grows by the share <c>rate · τ</c> with each value above it and shrinks by <c>rate · (1 − τ)</c> with each
/// value below. Steps are constant in the logarithm, so the share of values above comes to 1 − τ whatever the values are, in their
/// order or not (Gibbs and Candès 2021); steps by the local density, as for the deciles, leave tails too low.
/// </summary>
internal static class PositionTracker
{
    private const float Origin = 1;
    private const float Least = 1e-3f;
    private const float Most = 1e6f;

    /// <summary>One label in 200 must not need years to be heard: the last two levels take longer steps.</summary>
    private const float HastyAbove = 0.99f;
    private const float Haste = 3;

    /// <summary>Moves ascending positions, all above −1, by one label; they are ascending again after.</summary>
    /// <param name="censored">The value is a lower bound: what lies above it is not pulled down.</param>
    public static void Update(Span<float> positions, ReadOnlySpan<float> levels, float value, float rate, bool censored = false)
    {
        for (var k = 0; k < positions.Length; k++)
        {
            var distance = positions[k] + Origin;
            var step = levels[k] > HastyAbove ? Haste * rate : rate;
            if (value > positions[k])
                distance *= 1 + (step * levels[k]);
            else if (!censored)
                distance *= 1 - (step * (1 - levels[k]));
            positions[k] = Math.Clamp(distance, Least, Most) - Origin;
        }

        QuantileTracker.Sort(positions);
    }
}
