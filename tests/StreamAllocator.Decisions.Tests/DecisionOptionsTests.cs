namespace StreamAllocator.Decisions.Tests;

public sealed class DecisionOptionsTests
{
    [Fact]
    public void Defaults_are_valid() => Assert.Empty(new DecisionOptions().Validate());

    [Fact]
    public void Every_violation_is_reported_at_once()
    {
        var options = new DecisionOptions
        {
            High = new PriorityRule(K: 5, Alpha: 0.9, MaxInterruptionsPerHour: 0),
            MaxDownStep = 0,
            DownCooldown = TimeSpan.Zero,
            Currency = "euro",
            ReserveShare = double.NaN,
        };

        var violations = options.Validate();

        foreach (var expected in new[] { "High.K 5", "High.Alpha 0.9", "MaxDownStep 0", "DownCooldown 00:00:00", "Currency 'euro'", "ReserveShare NaN" })
            Assert.Contains(violations, violation => violation.StartsWith(expected, StringComparison.Ordinal));
        Assert.Contains("MaxDownStep", Assert.Throws<ArgumentException>(() => new PoolPlanner("pool", options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_higher_priority_may_not_act_later_than_a_lower_one()
    {
        var options = new DecisionOptions { Critical = new PriorityRule(K: 1.5, Alpha: 0.001, MaxInterruptionsPerHour: 0) };

        Assert.StartsWith("Critical.K 1.5", Assert.Single(options.Validate()), StringComparison.Ordinal);
    }
}
