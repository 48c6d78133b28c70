using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting;

/// <summary>
/// Mean and standard deviation of the distribution whose quantile function is the line through the 13 quantiles, continued below 0.1
/// by the first segment (not below 0) and constant above 0.999.
/// </summary>
internal static class Moments
{
    public static void Derive(ReadOnlySpan<float> quantiles, out float mean, out float standardDeviation)
    {
        var levels = Levels.All;
        var centre = (double)quantiles[QuantileLevels.Median];
        var from = Math.Max(0, (2 * quantiles[0]) - quantiles[1]) - centre;
        var fromLevel = 0.0;
        var first = 0.0;
        var second = 0.0;
        for (var k = 0; k <= quantiles.Length; k++)
        {
            var to = (k < quantiles.Length ? quantiles[k] : quantiles[^1]) - centre;
            var toLevel = k < quantiles.Length ? levels[k] : 1.0;
            var width = toLevel - fromLevel;
            first += width * (from + to) / 2;
            second += width * ((from * from) + (from * to) + (to * to)) / 3;
            from = to;
            fromLevel = toLevel;
        }

        mean = (float)(centre + first);
        standardDeviation = (float)Math.Sqrt(Math.Max(0, second - (first * first)));
    }
}
