using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

/// <summary>What people ask for goes the way of every decision: permit, revision, record.</summary>
public sealed class PersonsRequestTests
{
    private static AdjustRequest Adjust(PoolWorld world, double cores, double hours = 1, double gib = 8) =>
        new("req-1", "ann", world.Now, new VmSize(cores, gib), TimeSpan.FromHours(hours)) { VmId = "vm" };

    [Fact]
    public void Adjust_is_answered_at_once_and_held_against_the_policy_for_its_time()
    {
        var world = new PoolWorld().Vm("vm").Vm("other").Forecast("vm").Forecast("other");
        world.Planner.Apply(Adjust(world, 10));

        var answer = Assert.Single(world.Answers());

        Assert.Equal((DecisionKind.Manual, DecisionReason.Request, "req-1"), (answer.Kind, answer.Reason, answer.RequestId));
        Assert.Equal((10.0, 1L), (answer.Command!.Target.CpuCores, answer.Command.Revision));
        world.Applied(answer).Pass();
        for (var window = 1; window < 12; window++)
        {
            var held = world.Forecast("vm").RoundOf("vm");
            Assert.Equal((DecisionKind.Hold, DecisionReason.HeldByPerson, "req-1"), (held.Kind, held.Reason, held.RequestId));
            world.Pass();
        }

        // From here on the policy may shrink it: after its dwell.
        var free = world.Low("vm", 7).Last!;
        Assert.Equal((DecisionKind.Down, ""), (free.Kind, free.RequestId));
        Assert.Equal(2, free.Command!.Revision);
    }

    [Fact]
    public void Adjust_needs_a_permit_as_well()
    {
        var world = new PoolWorld(cores: 8, options: options => options with { ReserveShare = 0.5 }).Vm("vm").Vm("crit", Priority.Critical);
        world.Planner.Apply(Adjust(world, 10));

        var answer = Assert.Single(world.Answers());

        Assert.Equal((DecisionKind.Denied, DecisionReason.NoCapacity, "req-1"), (answer.Kind, answer.Reason, answer.RequestId));
        Assert.Null(answer.Command);

        // While it is held it is tried again.
        world.Planner.Apply(PoolWorld.Host("host-2", 100));
        Assert.Equal(DecisionKind.Manual, world.Pass().RoundOf("vm").Kind);
    }

    [Fact]
    public void Adjust_stays_within_the_bounds_of_the_vm()
    {
        var world = new PoolWorld().Vm("vm", upper: 6);
        world.Planner.Apply(Adjust(world, 10));

        Assert.Equal(6, Assert.Single(world.Answers()).Target.CpuCores);
    }

    [Fact]
    public void Adjust_to_the_present_size_says_so()
    {
        var world = new PoolWorld().Vm("vm");
        world.Planner.Apply(Adjust(world, 4));

        Assert.Equal(DecisionReason.AlreadyThere, Assert.Single(world.Answers()).Reason);
        Assert.Empty(world.Answers());
        Assert.Equal(DecisionReason.HeldByPerson, world.RoundOf("vm").Reason);
    }

    [Fact]
    public void Adjust_without_a_time_to_hold_is_done_once()
    {
        var world = new PoolWorld().Vm("vm", cores: 2);
        world.Planner.Apply(Adjust(world, 3, hours: 0));
        world.Applied(Assert.Single(world.Answers())).Pass(4);

        Assert.Equal(DecisionKind.Up, world.Forecast("vm", mean: 6, tail: 9).RoundOf("vm").Kind);
    }

    [Fact]
    public void Adjust_waits_for_a_command_in_flight()
    {
        var world = new PoolWorld().Vm("vm", cores: 2).Forecast("vm", mean: 3, tail: 8);
        var up = world.RoundOf("vm");
        world.Planner.Apply(Adjust(world, 20));

        Assert.Equal((DecisionReason.InFlight, "req-1"), (world.Answers()[0].Reason, world.Answers()[0].RequestId));
        Assert.Equal(20, world.Applied(up).Answers()[0].Target.CpuCores);
    }

    [Fact]
    public void Held_vm_is_neither_grown_nor_shrunk_until_released()
    {
        var world = new PoolWorld().Vm("vm", cores: 2);
        world.Planner.Apply(new HoldRequest("req-2", "ann", world.Now, TimeSpan.FromHours(5)) { VmId = "vm" });
        var held = world.Forecast("vm", mean: 3, tail: 8).RoundOf("vm");
        Assert.Equal((DecisionKind.Hold, DecisionReason.HeldByPerson, "req-2"), (held.Kind, held.Reason, held.RequestId));

        world.Planner.Apply(new ReleaseRequest("req-3", "ann", world.Now) { VmId = "vm" });
        var released = Assert.Single(world.Answers());
        Assert.Equal((DecisionKind.Up, "req-3"), (released.Kind, released.RequestId));
    }

    [Fact]
    public void Held_pool_holds_every_vm_until_its_time_is_over()
    {
        var world = new PoolWorld().Vm("a", cores: 2).Vm("b", cores: 2);
        world.Planner.Apply(new HoldRequest("req-2", "ann", world.Now, TimeSpan.FromMinutes(10)) { PoolId = PoolWorld.PoolId });
        world.Forecast("a", mean: 3, tail: 8).Forecast("b", mean: 3, tail: 8);
        Assert.All(world.Round(), decision => Assert.Equal((DecisionReason.HeldByPerson, "req-2"), (decision.Reason, decision.RequestId)));

        Assert.All(world.Pass(2).Round(), decision => Assert.Equal(DecisionKind.Up, decision.Kind));
    }

    [Fact]
    public void Rollback_returns_to_the_last_good_size_and_stays_there_for_a_while()
    {
        var world = new PoolWorld().Vm("vm").Seen("vm", 5);
        world.Pass(13).Forecast("vm", usage: 1, mean: 6, tail: 12);
        var up = world.RoundOf("vm");
        Assert.Equal(DecisionKind.Up, up.Kind);
        world.Applied(up).Pass();
        world.Planner.Apply(new RollbackRequest("req-4", "ann", world.Now) { VmId = "vm" });

        var back = Assert.Single(world.Answers());

        Assert.Equal((DecisionKind.Manual, DecisionReason.Rollback, 5.0), (back.Kind, back.Reason, back.Target.CpuCores));
        world.Applied(back).Pass();
        Assert.Equal(DecisionReason.HeldByPerson, world.Forecast("vm", usage: 1, mean: 6, tail: 12).RoundOf("vm").Reason);
    }

    [Fact]
    public void Rollback_of_a_settled_size_returns_to_the_good_size_before_it()
    {
        // 4 as provisioned, then 5 and 6, each for more than an hour.
        var world = new PoolWorld().Vm("vm");
        foreach (var cores in new[] { 5, 6 })
        {
            world.Seen("vm", cores).Pass(13).Forecast("vm", tail: cores + 1);
            Assert.Equal(DecisionKind.Hold, world.RoundOf("vm").Kind);
        }

        world.Planner.Apply(new RollbackRequest("req-4", "ann", world.Now) { PoolId = PoolWorld.PoolId });

        Assert.Equal(5, Assert.Single(world.Answers()).Target.CpuCores);
    }

    [Fact]
    public void A_request_for_somebody_else_is_not_taken()
    {
        var world = new PoolWorld();

        Assert.False(world.Planner.Apply(Adjust(world, 4)));
        Assert.False(world.Planner.Apply(new HoldRequest("r", "ann", world.Now, TimeSpan.FromHours(1)) { PoolId = "pool-b" }));
    }
}
