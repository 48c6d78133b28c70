using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

public sealed class ChangeBudgetTests
{
    private static PoolWorld Fleet(int vms, double cores = 2)
    {
        var world = new PoolWorld(options: options => options with { MinChangesPerHour = 4, MaxChangesPerVmHour = 0.1 });
        for (var vm = 0; vm < vms; vm++)
            world.Vm($"vm-{vm:00}", cores: cores);
        return world;
    }

    [Fact]
    public void A_mass_increase_is_spread_over_time_and_the_rest_deferred()
    {
        var world = Fleet(20);
        var perRound = new List<int>();
        for (var round = 0; round < 7; round++)
        {
            for (var vm = 0; vm < 20; vm++)
                world.Forecast($"vm-{vm:00}", usage: 1, mean: 3, tail: 3.2, usageMax: 1);
            var decisions = world.Round();
            perRound.Add(decisions.Count(decision => decision.Kind == DecisionKind.Up));
            foreach (var decision in decisions.Where(decision => decision.Command is not null))
                world.Applied(decision);
            if (round == 0)
                Assert.Equal(16, decisions.Count(decision => (decision.Kind, decision.Reason) == (DecisionKind.Deferred, DecisionReason.RateLimit)));
            world.Pass();
        }

        // Four at once, then four an hour: one every 15 minutes.
        Assert.Equal([4, 0, 0, 1, 0, 0, 1], perRound);
    }

    [Fact]
    public void Decreases_leave_a_part_to_increases()
    {
        var world = Fleet(20, cores: 8);
        List<Decision> decisions = [];
        for (var round = 0; round < 7; round++)
        {
            world.Pass();
            for (var vm = 0; vm < 20; vm++)
                world.Forecast($"vm-{vm:00}");
            decisions = world.Round();
        }

        Assert.Equal(2, decisions.Count(decision => decision.Kind == DecisionKind.Down));
        Assert.Equal(18, decisions.Count(decision => decision.Reason == DecisionReason.RateLimit));
        Assert.Equal(DecisionKind.Up, world.Forecast("vm-19", usage: 1, mean: 12, tail: 12).RoundOf("vm-19").Kind);
    }

    [Fact]
    public void A_person_is_not_limited()
    {
        var world = Fleet(6);
        for (var vm = 0; vm < 6; vm++)
        {
            world.Planner.Apply(
                new AdjustRequest($"req-{vm}", "ann", world.Now, new VmSize(3, 8), TimeSpan.FromHours(1)) { VmId = $"vm-{vm:00}" });
        }

        Assert.All(world.Answers(), decision => Assert.Equal(DecisionKind.Manual, decision.Kind));
    }
}
