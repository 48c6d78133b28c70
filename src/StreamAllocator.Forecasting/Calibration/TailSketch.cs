using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Calibration;

/// <summary>
/// Levels 0.95, 0.99, 0.995 and 0.999 of a series at each lead knot, as multiples of the served upper spread (q0.9 − q0.5, and a tenth
/// of the series' usual step so that it is never 0), tracked on what was served. They start at a heavy tail, on purpose too wide.
/// </summary>
internal static class TailSketch
{
    public const int Levels = QuantileLevels.Count - QuantileLevels.DecileCount;

    public const int Floats = LeadKnots.Count * Levels;

    private const float Rate = 0.02f;

    private static readonly float[] AtStart = [1.6f, 3, 4, 7];

    public static void Start(Span<float> state)
    {
        for (var knot = 0; knot < LeadKnots.Count; knot++)
            AtStart.CopyTo(state.Slice(knot * Levels, Levels));
    }

    /// <param name="spread">Of the served forecast, more than 0.</param>
    public static void Observe(Span<float> state, int knot, float median, float spread, float actual, bool censored)
    {
        var levels = Sketches.Levels.All[QuantileLevels.DecileCount..];
        QuantileTracker.Update(state.Slice(knot * Levels, Levels), levels, (actual - median) / spread, Rate, censored);
    }

    /// <summary>Fills the four tail levels of 13 quantiles from the deciles before them.</summary>
    public static void Extend(ReadOnlySpan<float> state, int lead, float spread, Span<float> quantiles)
    {
        var lower = state.Slice(LeadKnots.Lower(lead) * Levels, 2 * Levels);
        var share = LeadKnots.UpperShare(lead);
        for (var k = 0; k < Levels; k++)
        {
            var multiple = lower[k] + ((lower[Levels + k] - lower[k]) * share);
            quantiles[QuantileLevels.DecileCount + k] = quantiles[QuantileLevels.Median] + (spread * Math.Max(multiple, 1));
        }
    }
}
