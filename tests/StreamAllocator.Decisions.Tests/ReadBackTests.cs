using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

public sealed class ReadBackTests
{
    private static PoolWorld Grown(out Decision up)
    {
        var world = new PoolWorld().Vm("vm", cores: 2).Forecast("vm", usage: 1, mean: 3, tail: 8);
        up = world.RoundOf("vm");
        return world;
    }

    [Fact]
    public void A_command_is_absolute_and_says_what_it_expects()
    {
        var world = Grown(out var up);
        var command = up.Command!;

        Assert.Equal((1L, 7L, 2.0, world.Now, world.Now + TimeSpan.FromMinutes(10)),
            (command.Revision, command.Fence, command.Expected.CpuCores, command.Issued, command.Expiry));
        Assert.Equal(("", ""), (command.RunId, command.Placement));
        Assert.NotEmpty(command.Reasons);
    }

    [Fact]
    public void Nothing_is_sent_while_a_command_is_in_flight()
    {
        var world = Grown(out _).Pass();

        Assert.Equal(DecisionReason.InFlight, world.Forecast("vm", mean: 9, tail: 12).RoundOf("vm").Reason);
    }

    [Fact]
    public void A_lost_command_is_tried_again_after_its_expiry_and_a_wait()
    {
        var world = Grown(out _);
        var reasons = new List<DecisionReason>();
        for (var window = 1; window <= 4; window++)
            reasons.Add(world.Pass().Forecast("vm", usage: 1, mean: 3, tail: 8).RoundOf("vm").CpuReason);

        Assert.Equal([DecisionReason.InFlight, DecisionReason.InFlight, DecisionReason.BackOff, DecisionReason.ForecastAboveThreshold], reasons);
    }

    [Fact]
    public void A_failed_resize_waits_longer_each_time()
    {
        var world = Grown(out var up);
        var sent = new List<int>();
        for (var window = 0; window < 30; window++)
        {
            if (up.Command is not null)
            {
                sent.Add(window);
                world.Executed(up.Command, new VmSize(2, 8), AllocationOutcome.Failed);
            }

            up = world.Pass().Forecast("vm", usage: 1, mean: 3, tail: 8).RoundOf("vm");
        }

        // Read back a minute later, then 5, 10, 20, 40 minutes.
        Assert.Equal([0, 2, 5, 10, 19], sent);
    }

    [Fact]
    public void A_refusal_for_another_size_corrects_the_view_and_is_tried_at_once()
    {
        var world = Grown(out var up);
        world.Planner.Apply(new Allocation(
            "vm", PoolWorld.PoolId, 1, up.Command!.Target, new VmSize(3, 8), AllocationOutcome.Refused, "host-1", world.Now, world.Now,
            RefusalCause.UnexpectedSize));

        var again = world.Pass().Forecast("vm", usage: 1, mean: 3, tail: 8).RoundOf("vm");

        Assert.Equal((2L, 3.0), (again.Command!.Revision, again.Command.Expected.CpuCores));
    }

    [Fact]
    public void A_foreign_change_is_taken_over_and_yielded_to()
    {
        var world = new PoolWorld().Vm("vm").Low("vm", 6);
        world.Pass().Seen("vm", 10);

        var decision = world.Forecast("vm").RoundOf("vm");

        Assert.Equal((10.0, DecisionReason.Cooldown), (decision.Allocated.CpuCores, decision.Reason));
    }

    [Fact]
    public void An_old_read_back_does_not_undo_a_newer_one()
    {
        var world = new PoolWorld().Vm("vm").Seen("vm", 10).Pass();
        var old = new VmSize(3, 8);
        world.Planner.Apply(new Allocation(
            "vm", PoolWorld.PoolId, 0, old, old, AllocationOutcome.Applied, "host-1", PoolWorld.Start - PoolWorld.Window, PoolWorld.Start - PoolWorld.Window));

        Assert.Equal(10, world.RoundOf("vm").Allocated.CpuCores);
    }

    [Fact]
    public void A_revision_of_a_lost_state_is_gone_on_from()
    {
        var world = new PoolWorld().Vm("vm", cores: 2);
        var size = new VmSize(2, 8);
        world.Planner.Apply(new Allocation("vm", PoolWorld.PoolId, 41, size, size, AllocationOutcome.Applied, "host-1", world.Now, world.Now));

        Assert.Equal(42, world.Forecast("vm", mean: 3, tail: 8).RoundOf("vm").Command!.Revision);
    }

    [Fact]
    public void A_dry_run_changes_no_size_and_frees_what_it_held()
    {
        var world = Grown(out var up).Vm("other");
        world.Executed(up.Command!, new VmSize(2, 8), AllocationOutcome.DryRun).Pass();

        Assert.Equal(2, world.Forecast("vm").RoundOf("vm").Allocated.CpuCores);
    }

    [Fact]
    public void Outlooks_that_nobody_can_plan_by_are_refused()
    {
        var world = new PoolWorld().Vm("vm");
        var dwell = Enumerable.Repeat(1f, DemandOutlook.DwellCount).ToArray();
        var levels = Enumerable.Repeat(1f, DemandOutlook.LevelCount).ToArray();
        Assert.True(world.Planner.Apply(new DemandOutlook("vm", world.Now, 0, OutlookFlags.None, levels, dwell, "m")));
        Assert.False(world.Planner.Apply(new DemandOutlook("vm", world.Now - PoolWorld.Window, 0, OutlookFlags.None, levels, dwell, "m")));
        Assert.False(world.Planner.Apply(new DemandOutlook("gone", world.Now, 0, OutlookFlags.None, levels, dwell, "m")));
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, -1f })
        {
            dwell[51] = bad;
            Assert.False(world.Planner.Apply(new DemandOutlook("vm", world.Now, 0, OutlookFlags.None, levels, dwell, "m")));
            dwell[51] = 1;
            levels[2] = bad;
            Assert.False(world.Planner.Apply(new DemandOutlook("vm", world.Now, 0, OutlookFlags.None, levels, dwell, "m")));
            levels[2] = 1;
        }

        levels[0] = levels[1] = float.NaN;
        Assert.True(world.Planner.Apply(new DemandOutlook("vm", world.Now, 0, OutlookFlags.None, levels, dwell, "m")));
    }
}
