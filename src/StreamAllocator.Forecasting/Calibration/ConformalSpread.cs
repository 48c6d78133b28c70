using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Calibration;

/// <summary>
/// Online conformal calibration (Gibbs and Candès 2021, on the width instead of the level): at each lead knot one factor for the
/// deciles below the median and one for those above. A served q0.1 (q0.9) that was missed widens its side by 0.9 of a step, one that
/// held narrows it by 0.1 of a step, so in the long run one label in ten lies outside on each side. An actual equal to the quantile
/// says nothing (a mass point). State: 4 × 2 factors.
/// </summary>
internal static class ConformalSpread
{
    public const int Floats = LeadKnots.Count * 2;

    private const float Step = 0.02f;
    private const float Narrowest = 0.7f;
    private const float Widest = 4;
    private const float Nominal = 0.09f;

    public static void Start(Span<float> state) => state[..Floats].Fill(1);

    public static void Observe(Span<float> state, int knot, float lower, float upper, float actual, bool censored)
    {
        ref var below = ref state[2 * knot];
        ref var above = ref state[(2 * knot) + 1];
        if (actual > upper)
            above = Math.Min(above + (Step * (1 - Nominal)), Widest);
        else if (actual < upper && !censored)
            above = Math.Max(above - (Step * Nominal), Narrowest);
        if (actual < lower && !censored)
            below = Math.Min(below + (Step * (1 - Nominal)), Widest);
        else if (actual > lower)
            below = Math.Max(below - (Step * Nominal), Narrowest);
    }

    /// <summary>Spreads nine deciles about their median.</summary>
    public static void Apply(ReadOnlySpan<float> state, int lead, Span<float> deciles)
    {
        var lower = state.Slice(2 * LeadKnots.Lower(lead), 4);
        var share = LeadKnots.UpperShare(lead);
        var below = lower[0] + ((lower[2] - lower[0]) * share);
        var above = lower[1] + ((lower[3] - lower[1]) * share);
        var median = deciles[QuantileLevels.Median];
        for (var k = 0; k < QuantileLevels.Median; k++)
        {
            deciles[k] = Math.Max(0, median + ((deciles[k] - median) * below));
            var mirror = QuantileLevels.DecileCount - 1 - k;
            deciles[mirror] = median + ((deciles[mirror] - median) * above);
        }
    }
}
