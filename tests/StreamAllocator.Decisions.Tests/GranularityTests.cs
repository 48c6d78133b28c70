namespace StreamAllocator.Decisions.Tests;

public sealed class GranularityTests
{
    [Theory]
    [InlineData(2.001, 0.01, 64, 2.01)]
    [InlineData(0.07, 0.01, 64, 0.07)]
    [InlineData(2.2, 1, 64, 3)]
    [InlineData(2.2, 1, 2.5, 2.5)]
    [InlineData(0.004, 0.0625, 0.006, 0.006)]
    [InlineData(2, 0.5, 2, 2)]
    public void Rounds_up_to_what_a_host_can_grant_but_not_above_the_bound(double amount, double step, double upper, double expected) =>
        Assert.Equal(expected, Granularity.RoundUpWithin(amount, step, upper), 1e-9);

    [Theory]
    [InlineData(1, 2, 4, 2)]
    [InlineData(5, 2, 4, 4)]
    [InlineData(3, 2, 4, 3)]
    [InlineData(3, 4, 2, 2)]
    public void Bounds_that_contradict_each_other_leave_the_upper_one(double amount, double lower, double upper, double expected) =>
        Assert.Equal(expected, Granularity.Within(amount, lower, upper));

    [Fact]
    public void A_multiple_stays_where_it_is_in_either_direction()
    {
        for (var steps = 1; steps < 10_000; steps++)
        {
            var amount = steps * 0.01;
            Assert.Equal(amount, Granularity.RoundUp(amount, 0.01));
            Assert.Equal(amount, Granularity.RoundDown(amount, 0.01));
        }
    }
}
