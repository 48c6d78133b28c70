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
    public const int Count = QuantileLevels.Count - QuantileLevels.DecileCount;

    public const int Floats = LeadKnots.Count * Count;

    private const float Rate = 0.05f;

    private static readonly float[] AtStart = [1.6f, 3, 4.5f, 10];

    public static void Start(Span<float> state)
    {
        for (var knot = 0; knot < LeadKnots.Count; knot++)
            AtStart.CopyTo(state.Slice(knot * Count, Count));
    }

    /// <param name="spread">Of the served forecast, more than 0.</param>
    public static void Observe(Span<float> state, int knot, float median, float spread, float actual, bool censored)
    {
        var levels = Levels.All[QuantileLevels.DecileCount..];
        PositionTracker.Update(state.Slice(knot * Count, Count), levels, (actual - median) / spread, Rate, censored);
    }

    /// <summary>True if an actual lies beyond the 99 % level above the median, or as far below it in spreads of the lower side.</summary>
    public static bool IsOutside(ReadOnlySpan<float> state, ReadOnlySpan<float> deciles, float floor, float actual)
    {
        var median = deciles[QuantileLevels.Median];
        var side = actual > median ? deciles[^1] - median : median - deciles[0];
        return Math.Abs(actual - median) > (side + floor) * Math.Max(state[1], 1);
    }

    /// <summary>Fills the four tail levels of 13 quantiles from the deciles before them.</summary>
    public static void Extend(ReadOnlySpan<float> state, int lead, float spread, Span<float> quantiles)
    {
        var lower = state.Slice(LeadKnots.Lower(lead) * Count, 2 * Count);
        var share = LeadKnots.UpperShare(lead);
        for (var k = 0; k < Count; k++)
        {
            var multiple = lower[k] + ((lower[Count + k] - lower[k]) * share);
            quantiles[QuantileLevels.DecileCount + k] = quantiles[QuantileLevels.Median] + (spread * Math.Max(multiple, 1));
        }
    }
}
