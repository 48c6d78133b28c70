using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

public sealed class TailQuantileTests
{
    private static readonly float[] Ascending = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.1, 1)]
    [InlineData(0.15, 1.5)]
    [InlineData(0.95, 10)]
    [InlineData(0.97, 10.5)]
    [InlineData(0.999, 13)]
    [InlineData(0.99999, 13)]
    public void Amount_lies_on_the_line_between_the_served_levels(double level, double expected) =>
        Assert.Equal(expected, TailQuantile.AmountAt(Ascending, level), 1e-9);

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(1, 0.9)]
    [InlineData(1.5, 0.85)]
    [InlineData(10.5, 0.03)]
    [InlineData(13, 0.001)]
    [InlineData(14, 0.0005)]
    public void Exceedance_is_the_inverse(double amount, double expected) =>
        Assert.Equal(expected, TailQuantile.ExceedanceOf(Ascending, amount), 1e-9);

    [Fact]
    public void Exceedance_of_a_constant_is_that_of_its_largest_level()
    {
        var constant = Enumerable.Repeat(2f, QuantileLevels.Count).ToArray();

        Assert.Equal(1, TailQuantile.ExceedanceOf(constant, 1.9), 1e-12);
        Assert.Equal(0.001, TailQuantile.ExceedanceOf(constant, 2), 1e-12);
        Assert.Equal(0.0005, TailQuantile.ExceedanceOf(constant, 2.1), 1e-12);
    }

    [Theory]
    [InlineData(0.05, 0.01)]
    [InlineData(0.01, 0.005)]
    [InlineData(0.005, 0.001)]
    [InlineData(0.001, 0.005)]
    public void Next_stricter_level_is_the_next_served_one_and_at_the_end_the_looser(double alpha, double expected) =>
        Assert.Equal(expected, 1 - TailQuantile.NextStricter(1 - alpha), 1e-9);
}
