using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting;

/// <summary>What every served set of quantiles passes.</summary>
internal static class Guards
{
    private const float MostWidening = 4;

    /// <summary>For six windows after a level shift the experts do not know the new level's residuals.</summary>
    private const float ShiftWidening = 1.5f;

    /// <summary>
    /// Stale data widens the deciles about their median as a random walk would, by √((lead + age) / lead), at most fourfold; a level
    /// shift widens them half as much again; and the outer deciles are at least a share of the median away from it, the others in proportion.
    /// </summary>
    public static void Widen(Span<float> deciles, int lead, int age, bool shifted, float leastShare)
    {
        var median = deciles[QuantileLevels.Median];
        var stale = age == 0 ? 1 : Math.Min((float)Math.Sqrt((lead + age) / (float)lead), MostWidening);
        var factor = stale * (shifted ? ShiftWidening : 1);
        var least = median * leastShare / QuantileLevels.Median;
        for (var k = 0; k < QuantileLevels.DecileCount; k++)
        {
            var offset = factor * (deciles[k] - median);
            var steps = k - QuantileLevels.Median;
            offset = steps < 0 ? Math.Min(offset, steps * least) : Math.Max(offset, steps * least);
            deciles[k] = Math.Max(0, median + offset);
        }
    }

    /// <summary>Ascending, finite, not below 0, not above the ceiling.</summary>
    public static void Order(Span<float> quantiles, float ceiling)
    {
        var floor = 0f;
        for (var k = 0; k < quantiles.Length; k++)
        {
            // The comparison is false for NaN, which becomes the quantile below it.
            if (quantiles[k] > floor)
                floor = quantiles[k];
            floor = Math.Min(floor, ceiling);
            quantiles[k] = floor;
        }
    }
}
