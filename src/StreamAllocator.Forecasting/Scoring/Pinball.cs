using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Scoring;

/// <summary>The loss of a set of deciles against an actual.</summary>
internal static class Pinball
{
    /// <summary>Mean over the nine deciles of 2·|(y − f)·(1{y ≤ f} − q)|. A censored actual costs nothing where f is above it (Powell 1986).</summary>
    public static float Loss(ReadOnlySpan<float> deciles, float actual, bool censored)
    {
        var levels = Levels.Deciles;
        var sum = 0f;
        for (var k = 0; k < levels.Length; k++)
        {
            var distance = actual - deciles[k];
            if (distance > 0)
                sum += distance * levels[k];
            else if (!censored)
                sum -= distance * (1 - levels[k]);
        }

        return sum * (2f / QuantileLevels.DecileCount);
    }
}
