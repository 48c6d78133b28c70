using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Tests.Experts;

public class RankedLastValueTests
{
    /// <summary>
    /// Levels 0 … 7 at random: from the lowest the next can only be higher, from the highest only lower. One residual distribution for
    /// all ranks (last) cannot say that.
    /// </summary>
    [Fact]
    public void From_a_low_level_it_expects_a_rise_and_from_a_high_one_a_fall()
    {
        var random = SeededRandom.For(8, "levels");
        var ranked = new OneSeries(new RankedLastValue());
        for (var window = 0; window < 8000; window++)
            ranked.Add(random.NextInt32(8));
        ranked.Add(0);
        Assert.InRange(ranked.Deciles(1)[0], -0.2f, 1.5f);
        Assert.InRange(ranked.Deciles(1)[4], 2.3f, 4.7f);
        ranked.Add(7);
        Assert.InRange(ranked.Deciles(6)[4], 2.3f, 4.7f);
        Assert.InRange(ranked.Deciles(6)[8], 5.5f, 7.2f);
    }
}
