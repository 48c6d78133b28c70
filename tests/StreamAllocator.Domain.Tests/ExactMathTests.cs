namespace StreamAllocator.Domain.Tests;

public sealed class ExactMathTests
{
    [Fact]
    public void Exp_and_Log_agree_with_libm_to_1e_13()
    {
        var random = SeededRandom.For(1, "exact-math");
        for (var draw = 0; draw < 100_000; draw++)
        {
            var x = (random.NextDouble() - 0.5) * 1400;
            Close(Math.Exp(x), ExactMath.Exp(x));
            var y = Math.Exp((random.NextDouble() - 0.5) * 1400);
            Close(Math.Log(y), ExactMath.Log(y));
        }
    }

    [Fact]
    public void Sine_agrees_with_libm_over_three_turns()
    {
        for (var step = -3000; step <= 3000; step++)
        {
            var turns = step / 1000.0;
            Assert.Equal(Math.Sin(turns * 2 * Math.PI), ExactMath.SinOfTurns(turns), 1e-13);
            Assert.Equal(Math.Cos(turns * 2 * Math.PI), ExactMath.CosOfTurns(turns), 1e-13);
        }
    }

    [Theory]
    [InlineData(0.0, double.NegativeInfinity)]
    [InlineData(1.0, 0.0)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    public void Log_at_its_edges(double x, double expected) => Assert.Equal(expected, ExactMath.Log(x));

    [Fact]
    public void Log_of_subnormals_and_exp_into_them_hold()
    {
        Close(Math.Log(double.Epsilon), ExactMath.Log(double.Epsilon));
        Assert.Equal(Math.Exp(-744), ExactMath.Exp(-744), 1e-320);
        Assert.True(double.IsNaN(ExactMath.Log(-1)));
    }

    private static void Close(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-13 * Math.Max(Math.Abs(expected), 1e-3), $"expected {expected:R}, got {actual:R}");
}
