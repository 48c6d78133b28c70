namespace StreamAllocator.Forecasting.Sketches;

/// <summary>
/// Quantiles of a stream in one float a level (stochastic approximation of the pinball loss; Robbins and Monro 1951). Each label moves
/// level τ by <c>rate · spread · (τ − 1{value &lt; q})</c>, where the spread is the distance of the neighbouring levels over their
/// difference in τ (an estimate of 1/density, which is the optimal step), and never past the value: a mass point is hit exactly. The
/// rate of a tail level is at most its probability, or one exceedance would move it by more than it can come back.
/// </summary>
internal static class QuantileTracker
{
    private const float LeastSpreadShare = 0.05f;

    /// <summary>Share of the distance to the value that counts as spread: a collapsed tracker finds a series that woke up.</summary>
    private const float SurpriseShare = 0.2f;

    /// <summary>Moves ascending <paramref name="quantiles"/> at <paramref name="levels"/> by one label; they are ascending again after.</summary>
    /// <param name="rate">Share of a label, about 1/n while young, then the inverse of the memory in labels.</param>
    /// <param name="censored">The value is a lower bound: what lies above it is not pulled down.</param>
    public static void Update(Span<float> quantiles, ReadOnlySpan<float> levels, float value, float rate, bool censored = false)
    {
        var last = quantiles.Length - 1;
        var whole = (quantiles[last] - quantiles[0]) * LeastSpreadShare;
        var before = quantiles[0] - ((quantiles[1] - quantiles[0]) * (levels[0] / (levels[1] - levels[0])));
        var beforeLevel = 0f;
        for (var k = 0; k <= last; k++)
        {
            var here = quantiles[k];
            var after = k < last ? quantiles[k + 1] : here + (here - before);
            var afterLevel = k < last ? levels[k + 1] : levels[k] + (levels[k] - beforeLevel);
            var distance = value - here;
            var spread = Math.Max((after - before) / (afterLevel - beforeLevel), whole) + (SurpriseShare * Math.Abs(distance));
            var step = Math.Min(rate, Math.Min(levels[k], 1 - levels[k])) * spread;
            if (distance > 0)
                quantiles[k] = here + Math.Min(distance, step * levels[k]);
            else if (!censored)
                quantiles[k] = here + Math.Max(distance, step * (levels[k] - 1));
            before = here;
            beforeLevel = levels[k];
        }

        Sort(quantiles);
    }

    /// <summary>Insertion sort: the levels are nearly ascending.</summary>
    public static void Sort(Span<float> values)
    {
        for (var k = 1; k < values.Length; k++)
        {
            var value = values[k];
            var place = k;
            while (place > 0 && values[place - 1] > value)
            {
                values[place] = values[place - 1];
                place--;
            }

            values[place] = value;
        }
    }
}
