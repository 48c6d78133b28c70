using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Tests.Sketches;

public class Float16Tests
{
    [Fact]
    public void A_value_comes_back_within_a_twentieth_of_a_per_cent()
    {
        var random = SeededRandom.For(1, "values");
        for (var draw = 0; draw < 10_000; draw++)
        {
            var value = (float)ExactMath.Exp(-13 + (42 * random.NextDouble()));
            Assert.InRange(Float16.Decode(Float16.Encode(value)) / value, 1 - (1 / 2047f), 1 + (1 / 2047f));
        }
    }

    [Fact]
    public void Codes_are_ordered_as_values_are()
    {
        var before = -1;
        for (var value = 0f; value < 5e12f; value = (value * 1.01f) + 2e-6f)
        {
            Assert.True(Float16.Encode(value) > before, $"{value}");
            before = Float16.Encode(value);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, 0)]
    [InlineData(1, 1)]
    [InlineData(float.NaN, float.NaN)]
    public void Edges_are_exact(float value, float expected) => Assert.Equal(expected, Float16.Decode(Float16.Encode(value)));

    [Fact]
    public void What_is_too_large_is_the_largest() =>
        Assert.Equal(Float16.Largest, Float16.Decode(Float16.Encode(float.PositiveInfinity)));
}
