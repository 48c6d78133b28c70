using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

/// <summary>What a pool grants, to whom, and what it keeps.</summary>
public sealed class PermitTests
{
    private static PoolWorld Wants(PoolWorld world, string id, double cores) =>
        world.Forecast(id, usage: 1, mean: cores, tail: cores);

    [Fact]
    public void Critical_is_served_first_whatever_the_order_of_the_inputs()
    {
        // Four cores are free; each wants four more.
        var world = new PoolWorld(cores: 12, options: options => options with { ReserveShare = 0 })
            .Vm("a-low", Priority.Low).Vm("z-critical", Priority.Critical);
        Wants(world, "a-low", 8);
        Wants(world, "z-critical", 8);

        var decisions = world.Round();

        Assert.Equal(["z-critical", "a-low"], decisions.Select(decision => decision.VmId));
        Assert.Equal(8, decisions[0].Target.CpuCores);
        Assert.Equal((DecisionKind.Denied, DecisionReason.NoCapacity), (decisions[1].Kind, decisions[1].Reason));
        Assert.Null(decisions[1].Command);
    }

    [Fact]
    public void Reserve_is_not_lent_to_normal_but_serves_critical()
    {
        // 20 cores, 8 held, 12 free, 10 of them reserved.
        var world = new PoolWorld(cores: 20, options: options => options with { ReserveShare = 0.5 })
            .Vm("normal").Vm("critical", Priority.Critical);
        Wants(world, "normal", 12);
        world.Forecast("critical");
        var normal = world.RoundOf("normal");
        Assert.Equal((DecisionKind.Up, 6.0, DecisionReason.Reserved), (normal.Kind, normal.Target.CpuCores, normal.Reason));

        Wants(world, "critical", 14);
        Assert.Equal(14, world.RoundOf("critical").Target.CpuCores);
    }

    [Fact]
    public void A_pool_without_critical_vms_reserves_nothing()
    {
        var world = new PoolWorld(cores: 12, options: options => options with { ReserveShare = 0.5 }).Vm("normal");

        Assert.Equal(12, Wants(world, "normal", 12).RoundOf("normal").Target.CpuCores);
    }

    [Fact]
    public void The_largest_host_is_reserved_where_it_is_asked_for()
    {
        var world = new PoolWorld(cores: 12, options: options => options with { ReserveShare = 0, ReserveLargestHost = true })
            .Vm("normal").Vm("critical", Priority.Critical);
        world.Planner.Apply(PoolWorld.Host("host-2", 8));
        world.Forecast("critical");

        // 20 cores, 8 held, the 12 of host-1 reserved.
        Assert.Equal(DecisionReason.Reserved, Wants(world, "normal", 8).RoundOf("normal").Reason);
    }

    [Fact]
    public void A_decrease_frees_capacity_only_when_read_back()
    {
        var world = new PoolWorld(cores: 16).Vm("shrinks", cores: 12).Vm("grows").Low("shrinks", 6);
        world.Pass().Forecast("shrinks");
        Wants(world, "grows", 8);
        var decisions = world.Round();
        var down = decisions.Single(decision => decision.VmId == "shrinks");
        Assert.Equal(DecisionKind.Down, down.Kind);
        Assert.Equal(DecisionKind.Denied, decisions.Single(decision => decision.VmId == "grows").Kind);

        // Told, but not seen: nothing is free yet.
        world.Pass().Forecast("shrinks");
        Assert.NotEqual(DecisionKind.Up, Wants(world, "grows", 8).RoundOf("grows").Kind);

        world.Applied(down).Pass();
        Assert.Equal(8, Wants(world, "grows", 8).RoundOf("grows").Target.CpuCores);
    }

    [Fact]
    public void An_increase_holds_its_capacity_until_it_is_read_back()
    {
        var world = new PoolWorld(cores: 12).Vm("first").Vm("second");
        Wants(world, "first", 8);
        world.Forecast("second");
        var first = world.RoundOf("first");
        world.Pass();

        Assert.Equal(DecisionKind.Denied, Wants(world, "second", 8).RoundOf("second").Kind);

        // It failed: what it held is free again.
        world.Executed(first.Command!, new VmSize(4, 8), AllocationOutcome.Failed).Pass();
        Assert.Equal(8, Wants(world, "second", 8).RoundOf("second").Target.CpuCores);
    }

    [Fact]
    public void A_denied_increase_gets_what_there_is_and_the_rest_when_it_is_there()
    {
        var world = new PoolWorld(cores: 10).Vm("vm").Vm("other");
        var decision = Wants(world, "vm", 8).RoundOf("vm");
        Assert.Equal((DecisionKind.Up, 6.0, DecisionReason.NoCapacity), (decision.Kind, decision.Target.CpuCores, decision.Reason));
        world.Applied(decision).Pass();
        var waiting = Wants(world, "vm", 8).RoundOf("vm");
        Assert.Null(waiting.Command);

        world.Planner.Apply(PoolWorld.Host("host-2", 10));
        Assert.Equal(8, Wants(world.Pass(), "vm", 8).RoundOf("vm").Target.CpuCores);
    }

    [Fact]
    public void A_denied_vm_backs_off_longer_each_time()
    {
        var world = new PoolWorld(cores: 4).Vm("vm");
        var denied = new List<int>();
        for (var window = 0; window < 40; window++)
        {
            var kind = Wants(world, "vm", 8).RoundOf("vm").Kind;
            Assert.Contains(kind, new[] { DecisionKind.Denied, DecisionKind.Deferred });
            if (kind == DecisionKind.Denied)
                denied.Add(window);
            world.Pass();
        }

        // Waits of 5, 10, 20, 40, 60 and 60 minutes.
        Assert.Equal([0, 1, 3, 7, 15, 27, 39], denied);
    }

    [Fact]
    public void A_pool_without_known_hosts_grants_nothing()
    {
        var world = new PoolWorld(cores: 0).Vm("vm");

        Assert.Equal(DecisionReason.NoCapacity, Wants(world, "vm", 8).RoundOf("vm").Reason);
    }

    [Fact]
    public void Critical_does_not_grow_onto_spot_hosts()
    {
        var world = new PoolWorld(cores: 6).Vm("critical", Priority.Critical).Vm("normal");
        world.Planner.Apply(PoolWorld.Host("host-spot", 100, spot: true));
        Wants(world, "critical", 8);
        Wants(world, "normal", 8);

        var decisions = world.Round();

        Assert.Equal([6.0, 8.0], decisions.Select(decision => decision.Target.CpuCores));
    }

    [Fact]
    public void No_round_grants_more_than_the_pool_has()
    {
        var random = new SeededRandom(17);
        var world = new PoolWorld(cores: 60, gib: 400);
        for (var vm = 0; vm < 12; vm++)
            world.Vm($"vm-{vm}", (Priority)random.NextInt32(4));
        var sizes = Enumerable.Range(0, 12).ToDictionary(vm => $"vm-{vm}", _ => 4.0);
        for (var round = 0; round < 300; round++)
        {
            for (var vm = 0; vm < 12; vm++)
                world.Forecast($"vm-{vm}", usage: 1, mean: 1 + 9 * random.NextDouble(), tail: 12);
            foreach (var decision in world.Round().Where(decision => decision.Command is not null))
            {
                sizes[decision.VmId] = Math.Max(sizes[decision.VmId], decision.Target.CpuCores);
                Assert.True(sizes.Values.Sum() <= 60 + 1e-6, $"round {round}: {sizes.Values.Sum()} cores of 60");
                world.Applied(decision);
                sizes[decision.VmId] = decision.Target.CpuCores;
            }

            world.Pass();
        }
    }
}
