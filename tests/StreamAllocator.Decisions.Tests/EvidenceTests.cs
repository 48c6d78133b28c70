using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

/// <summary>Saturation: the forecast cannot see what the allocation hides.</summary>
public sealed class EvidenceTests
{
    private static PoolWorld Saturated(double cores = 2) => new PoolWorld()
        .Vm("vm", cores: cores)
        .Forecast("vm", usage: 2, mean: 2, tail: 2, usageMax: 2, flags: OutlookFlags.CpuSaturated);

    [Fact]
    public void Saturated_vm_is_probed_upwards_though_its_forecast_fits()
    {
        var decision = Saturated().RoundOf("vm");

        Assert.Equal((DecisionKind.Up, DecisionReason.Saturated), (decision.Kind, decision.Reason));
        Assert.Equal(4, decision.Target.CpuCores);
    }

    [Fact]
    public void Saturation_seen_under_a_smaller_size_does_not_probe_again()
    {
        var world = Saturated();
        world.Applied(world.RoundOf("vm")).Pass();
        // The window still holds samples from before the increase: usage 2 of what are 4 cores by now.
        var decision = world.Forecast("vm", usage: 2, mean: 2, tail: 2, usageMax: 2, flags: OutlookFlags.CpuSaturated).RoundOf("vm");

        Assert.Equal(DecisionKind.Hold, decision.Kind);
    }

    [Fact]
    public void Still_saturated_is_probed_further()
    {
        var world = Saturated();
        world.Applied(world.RoundOf("vm")).Pass();
        var decision = world.Forecast("vm", usage: 4, mean: 2, tail: 2, usageMax: 4, flags: OutlookFlags.CpuSaturated).RoundOf("vm");

        Assert.Equal((DecisionKind.Up, 8.0), (decision.Kind, decision.Target.CpuCores));
    }

    [Fact]
    public void Probed_size_is_kept_for_its_time_and_then_given_back()
    {
        var world = new PoolWorld(options: options => options with { DownCooldown = TimeSpan.FromMinutes(10), DownDwell = TimeSpan.Zero })
            .Vm("vm", cores: 2)
            .Forecast("vm", usage: 2, mean: 2, tail: 2, usageMax: 2, flags: OutlookFlags.CpuSaturated);
        world.Applied(world.RoundOf("vm"));
        for (var window = 1; window < 12; window++)
            Assert.Equal((window, DecisionReason.Saturated), (window, world.Pass().Forecast("vm", usageMax: 1).RoundOf("vm").Reason));

        Assert.Equal(DecisionKind.Down, world.Pass().Forecast("vm", usageMax: 1).RoundOf("vm").Kind);
    }

    [Fact]
    public void Evidence_between_two_windows_acts_at_the_next_round()
    {
        var world = new PoolWorld().Vm("vm", cores: 2).Forecast("vm");
        world.RoundOf("vm");
        world.Planner.ApplyEvidence("vm", OutlookFlags.Throttled, world.Now + TimeSpan.FromMinutes(1));
        world.Now += TimeSpan.FromMinutes(2);
        Assert.Equal(DecisionReason.Saturated, world.RoundOf("vm").CpuReason);
    }

    [Fact]
    public void Evidence_ends_with_the_next_window_that_shows_none()
    {
        var world = new PoolWorld().Vm("vm", cores: 2).Forecast("vm");
        world.Planner.ApplyEvidence("vm", OutlookFlags.Throttled, world.Now + TimeSpan.FromMinutes(1));

        Assert.Null(world.Pass().Forecast("vm").RoundOf("vm").Command);
    }

    [Fact]
    public void Between_two_rounds_the_saturated_alone_grow_and_only_once_while_the_command_is_in_flight()
    {
        var world = new PoolWorld().Vm("busy", cores: 2).Vm("idle", cores: 2).Forecast("busy").Forecast("idle");
        world.Round();

        Assert.Empty(world.Reactions(TimeSpan.FromSeconds(10)));
        var decision = Assert.Single(world.Reactions(TimeSpan.FromSeconds(20), "busy"));
        Assert.Equal(("busy", DecisionKind.Up, 4.0), (decision.VmId, decision.Kind, decision.Target.CpuCores));
        Assert.Empty(world.Reactions(TimeSpan.FromSeconds(30), "busy"));
    }

    [Fact]
    public void Between_two_rounds_a_denial_is_told_once_and_the_wait_after_it_is_not()
    {
        var world = new PoolWorld(cores: 2).Vm("vm", cores: 2).Forecast("vm");
        world.Round();

        Assert.Equal(DecisionKind.Denied, Assert.Single(world.Reactions(TimeSpan.FromSeconds(10), "vm")).Kind);
        Assert.Empty(world.Reactions(TimeSpan.FromSeconds(20), "vm"));
    }

    [Fact]
    public void Memory_saturation_probes_memory_alone()
    {
        var world = new PoolWorld().Vm("vm", cores: 2).Seen("vm", 2, 6).Pass().Forecast("vm", flags: OutlookFlags.MemorySaturated, memoryTail: 6);

        var decision = world.RoundOf("vm");

        Assert.Equal(new VmSize(2, 12), decision.Target);
    }
}
