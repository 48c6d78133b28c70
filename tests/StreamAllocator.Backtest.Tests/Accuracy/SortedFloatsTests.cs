using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.Accuracy;

public sealed class SortedFloatsTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 1000)]
    public void Replacing_keeps_the_same_multiset_as_sorting_anew(ulong seed, int distinct)
    {
        var random = new SeededRandom(seed);
        var window = new ResidualWindow(50);
        var last = new List<float>();
        for (var step = 0; step < 2000; step++)
        {
            var value = random.NextInt32(distinct) - distinct / 2f;
            window.Add(value);
            last.Add(value);
            if (step % 7 == 0 || step > 500)
                Assert.Equal(last.TakeLast(50).Order(), window.Sorted.Values.ToArray());
        }
    }

    [Fact]
    public void Add_and_remove_keep_the_order()
    {
        var sorted = new SortedFloats(4);
        foreach (var value in new[] { 3f, 1f, 2f, 1f })
            sorted.Add(value);
        sorted.Remove(1f);
        sorted.Remove(3f);

        Assert.Equal([1f, 2f], sorted.Values.ToArray());
    }

    [Theory]
    [InlineData(0.0, 10)]
    [InlineData(0.5, 25)]
    [InlineData(0.9, 37)]
    [InlineData(1.0, 40)]
    public void Quantile_interpolates_at_level_times_count_minus_one(double level, float expected)
    {
        var sorted = new SortedFloats(4);
        sorted.Fill([40, 10, 30, 20]);

        Assert.Equal(expected, sorted.Quantile(level), 5);
    }
}
