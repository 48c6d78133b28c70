using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Tests.Sketches;

public class PositionTrackerTests
{
    [Fact]
    public void A_heavy_tail_is_exceeded_at_its_nominal_rate()
    {
        var random = SeededRandom.For(5, "tail");
        float[] levels = [0.95f, 0.99f, 0.995f, 0.999f];
        float[] quantiles = [1, 2, 3, 4];
        var above = new int[4];
        const int Labels = 100_000;
        for (var label = 0; label < Labels; label++)
        {
            var value = (float)(1 / Math.Sqrt(1 - random.NextDouble()));
            for (var k = 0; k < 4; k++)
                above[k] += value > quantiles[k] ? 1 : 0;
            PositionTracker.Update(quantiles, levels, value, 0.05f);
        }

        for (var k = 0; k < 4; k++)
            Assert.InRange(above[k] / (double)Labels, 0.7 * (1 - levels[k]), 1.3 * (1 - levels[k]));
    }
}
