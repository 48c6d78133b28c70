using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>Reads a forecast's quantiles at any level, and its levels at any amount: straight lines between the served levels.</summary>
internal static class TailQuantile
{
    /// <summary>The amount that is not exceeded with probability <paramref name="level"/>; the outermost served ones beyond them.</summary>
    public static double AmountAt(ReadOnlySpan<float> quantiles, double level)
    {
        var levels = QuantileLevels.All;
        // From the tail inwards: sizing asks for levels near 1.
        var upper = levels.Length - 1;
        if (level >= levels[upper])
            return quantiles[upper];
        while (upper > 0 && levels[upper - 1] > level)
            upper--;
        if (upper == 0)
            return quantiles[0];
        var share = (level - levels[upper - 1]) / (levels[upper] - levels[upper - 1]);
        return quantiles[upper - 1] + share * (quantiles[upper] - quantiles[upper - 1]);
    }

    /// <summary>
    /// Probability that <paramref name="amount"/> is exceeded. Beyond the largest served quantile nothing is known but that it is rarer:
    /// half of its tail is said, and 1 below the smallest.
    /// </summary>
    public static double ExceedanceOf(ReadOnlySpan<float> quantiles, double amount)
    {
        var levels = QuantileLevels.All;
        var upper = levels.Length - 1;
        if (amount > quantiles[upper])
            return (1 - levels[upper]) / 2;
        while (upper >= 0 && quantiles[upper] > amount)
            upper--;
        if (upper < 0)
            return 1;
        if (upper == levels.Length - 1)
            return 1 - levels[upper];
        var share = (amount - quantiles[upper]) / (quantiles[upper + 1] - quantiles[upper]);
        return 1 - (levels[upper] + share * (levels[upper + 1] - levels[upper]));
    }

    /// <summary>The served level that is the next stricter one than <paramref name="level"/>; at the end, the next looser one.</summary>
    public static double NextStricter(double level)
    {
        var levels = QuantileLevels.All;
        foreach (var candidate in levels)
        {
            // 1 − α is not exactly the literal of the level.
            if (candidate > level + 1e-9)
                return candidate;
        }

        return levels[^2];
    }
}
