using StreamAllocator.Forecasting.Scoring;

namespace StreamAllocator.Forecasting.Tests.Scoring;

public class PinballTests
{
    private static readonly float[] Deciles = [1, 2, 3, 4, 5, 6, 7, 8, 9];

    /// <summary>2/9 · (0.1·4.5 + 0.2·3.5 + 0.3·2.5 + 0.4·1.5 + 0.5·0.5 + 0.4·0.5 + 0.3·1.5 + 0.2·2.5 + 0.1·3.5) by hand.</summary>
    [Fact]
    public void Loss_is_that_of_the_measure() => Assert.Equal(2 * 4.25f / 9, Pinball.Loss(Deciles, 5.5f, false), 5);

    [Fact]
    public void A_censored_actual_costs_nothing_where_the_quantile_is_above_it() =>
        Assert.Equal(2 * 2.75f / 9, Pinball.Loss(Deciles, 5.5f, true), 5);
}
