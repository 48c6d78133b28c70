using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Calibration;

namespace StreamAllocator.Forecasting.Tests.Calibration;

public class ConformalSpreadTests
{
    /// <summary>Deciles half as wide as the truth: the factors settle near 2 and nine labels in ten lie inside each side.</summary>
    [Fact]
    public void Too_narrow_deciles_are_widened_to_their_nominal_coverage()
    {
        var random = SeededRandom.For(21, "normal");
        var state = new float[ConformalSpread.Floats];
        ConformalSpread.Start(state);
        var inside = 0;
        for (var label = 0; label < 6000; label++)
        {
            var deciles = Narrow();
            ConformalSpread.Apply(state, 6, deciles);
            var actual = 10 + (float)random.NextNormal();
            if (label >= 1000 && actual >= deciles[0] && actual <= deciles[8])
                inside++;
            ConformalSpread.Observe(state, 2, deciles[0], deciles[8], actual, false);
        }

        Assert.InRange(inside / 5000.0, 0.79, 0.85);
        Assert.InRange(state[5], 1.7f, 2.6f);
        Assert.Equal(1, state[0]);

        static float[] Narrow() => [9.36f, 9.58f, 9.74f, 9.87f, 10, 10.13f, 10.26f, 10.42f, 10.64f];
    }

    [Fact]
    public void An_actual_on_a_mass_point_says_nothing()
    {
        var state = new float[ConformalSpread.Floats];
        ConformalSpread.Start(state);
        for (var label = 0; label < 100; label++)
            ConformalSpread.Observe(state, 0, 0, 0, 0, false);
        Assert.Equal([1, 1], state[..2]);
    }
}
