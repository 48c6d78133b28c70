using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

/// <summary>When the policy wants another size, on a pool that has enough of everything.</summary>
public sealed class WishTests
{
    /// <summary>Usage 1, σ 0.4: thresholds are 2.2 (k 3), 1.8 (k 2), 1.4 (k 1) and 1.2 (k 0.5). The present size is in the tail.</summary>
    [Theory]
    [InlineData(1.3, Priority.Critical)]
    [InlineData(1.6, Priority.High)]
    [InlineData(2.0, Priority.Normal)]
    [InlineData(2.4, Priority.Low)]
    public void Higher_priority_acts_on_a_lower_forecast_mean(double mean, Priority lowestThatActs)
    {
        var world = new PoolWorld(options: options => options with { RiskTolerance = 1000 });
        foreach (var priority in Enum.GetValues<Priority>())
            world.Vm(priority.ToString(), priority, cores: 2.5).Forecast(priority.ToString(), usage: 1, mean: mean, stddev: 0.4, tail: 6);

        var acted = world.Round().Where(decision => decision.Kind == DecisionKind.Up).ToList();

        Assert.Equal(Enum.GetValues<Priority>().Where(priority => priority >= lowestThatActs).OrderDescending(), acted.Select(decision => decision.Priority));
        Assert.All(acted, decision => Assert.Equal(DecisionReason.ForecastAboveThreshold, decision.Reason));
    }

    [Fact]
    public void Threshold_is_current_usage_plus_k_standard_deviations()
    {
        var decision = new PoolWorld().Vm("vm", Priority.Normal).Forecast("vm", usage: 1, mean: 1, stddev: 0.4).RoundOf("vm");

        Assert.Equal(2, decision.K);
        Assert.Equal(1.8f, decision.ValueOf(DecisionStepKind.Threshold, Resource.Cpu), 1e-6f);
    }

    /// <summary>The maximum of the next hour: median 3, 0.999 at 8.</summary>
    [Theory]
    [InlineData(Priority.Low, 3 + 0.6 * 5)]
    [InlineData(Priority.Normal, 3 + 0.7 * 5)]
    [InlineData(Priority.High, 3 + 0.9 * 5)]
    [InlineData(Priority.Critical, 8)]
    public void Target_is_the_quantile_that_the_priority_promises(Priority priority, double expected)
    {
        var decision = new PoolWorld().Vm("vm", priority, cores: 2).Forecast("vm", usage: 1, mean: 3, stddev: 0.1, tail: 8).RoundOf("vm");

        Assert.Equal(DecisionKind.Up, decision.Kind);
        Assert.Equal(expected, decision.Target.CpuCores, 0.0101);
        Assert.True(decision.Target.CpuCores >= expected - 1e-5);
    }

    [Fact]
    public void Risk_above_the_promise_acts_without_a_rise_of_the_mean()
    {
        var decision = new PoolWorld().Vm("vm", cores: 2).Forecast("vm", usage: 1.5, mean: 1.5, tail: 6).RoundOf("vm");

        Assert.Equal((DecisionKind.Up, DecisionReason.RiskAbovePromise), (decision.Kind, decision.Reason));
    }

    [Fact]
    public void Risk_within_its_tolerance_holds()
    {
        // α 0.01: wants 4.07 of 4, and 4 is exceeded in 0.02 of the hours.
        var world = new PoolWorld(options: options => options with { UpDeadband = 0.01 }).Vm("vm").Forecast("vm", usage: 2, mean: 2, tail: 4.95);

        var decision = world.RoundOf("vm");

        Assert.Equal((DecisionKind.Hold, DecisionReason.WithinThreshold), (decision.Kind, decision.CpuReason));
        Assert.InRange(decision.ValueOf(DecisionStepKind.Risk, Resource.Cpu), 0.011f, 0.029f);
    }

    [Fact]
    public void Increase_within_the_deadband_is_not_worth_it()
    {
        // Wants 4.1 of 4: 2.5 %.
        var decision = new PoolWorld().Vm("vm").Forecast("vm", usage: 1, mean: 3.4, tail: 4.4).RoundOf("vm");

        Assert.Equal((DecisionKind.Hold, DecisionReason.Deadband), (decision.Kind, decision.Reason));
    }

    [Fact]
    public void Decrease_waits_for_its_dwell_and_takes_the_largest_size_wanted_meanwhile()
    {
        var world = new PoolWorld().Vm("vm");
        var reasons = new List<DecisionReason>();
        for (var window = 0; window < 6; window++)
        {
            // Wants 1.7, once 2.2.
            reasons.Add(world.Forecast("vm", tail: window == 2 ? 2.714 : 2).RoundOf("vm").Reason);
            world.Pass();
        }

        var decision = world.Forecast("vm").RoundOf("vm");

        Assert.All(reasons, reason => Assert.Equal(DecisionReason.Dwell, reason));
        Assert.Equal((DecisionKind.Down, DecisionReason.ForecastLow), (decision.Kind, decision.Reason));
        Assert.Equal(2.2, decision.Target.CpuCores, 0.0101);
    }

    [Fact]
    public void One_decrease_is_a_bounded_step()
    {
        var world = new PoolWorld().Vm("vm", cores: 16).Low("vm", 7);

        Assert.Equal(8, world.Last!.Target.CpuCores);
    }

    [Fact]
    public void Decrease_waits_for_the_cooldown_after_an_increase()
    {
        var world = new PoolWorld().Vm("vm", cores: 2).Forecast("vm", usage: 1, mean: 3, tail: 8);
        world.Applied(world.RoundOf("vm")).Pass();
        var kinds = new List<(DecisionKind, DecisionReason)>();
        for (var window = 0; window < 13; window++)
        {
            var decision = world.Forecast("vm", usageMax: 1).RoundOf("vm");
            kinds.Add((decision.Kind, decision.Reason));
            world.Pass();
        }

        // The read-back came a minute after the increase: an hour later is in the 13th round.
        Assert.All(kinds[..12], kind => Assert.Equal((DecisionKind.Hold, DecisionReason.Cooldown), kind));
        Assert.Equal(DecisionKind.Down, kinds[12].Item1);
    }

    [Theory]
    [InlineData(OutlookFlags.Warming, 0, false, DecisionReason.Warming)]
    [InlineData(OutlookFlags.None, 2, false, DecisionReason.Stale)]
    [InlineData(OutlookFlags.None, 0, true, DecisionReason.Stale)]
    public void Warming_or_stale_never_shrinks(OutlookFlags flags, int age, bool sourceStale, DecisionReason reason)
    {
        var world = new PoolWorld().Vm("vm", cores: 16);
        world.Planner.MarkStale("vm", sourceStale);
        for (var window = 0; window < 50; window++)
        {
            var decision = world.Forecast("vm", flags: flags, age: age).RoundOf("vm");
            Assert.Equal((DecisionKind.Hold, reason), (decision.Kind, decision.Reason));
            world.Pass();
        }
    }

    [Fact]
    public void A_resource_without_a_value_is_not_shrunk_on_its_forecast_alone()
    {
        var world = new PoolWorld().Vm("vm", cores: 16);
        for (var window = 0; window < 50; window++)
        {
            Assert.Equal(DecisionReason.Stale, world.Pass().Forecast("vm", usage: double.NaN, mean: 0, tail: 0).RoundOf("vm").CpuReason);
        }
    }

    [Fact]
    public void Silence_never_shrinks()
    {
        var world = new PoolWorld().Vm("vm", cores: 16).Forecast("vm");
        for (var window = 0; window < 50; window++)
        {
            Assert.Null(world.RoundOf("vm").Command);
            world.Pass();
        }

        Assert.Equal(DecisionReason.Stale, world.RoundOf("vm").Reason);
    }

    [Fact]
    public void Dwell_begins_anew_after_silence()
    {
        var world = new PoolWorld().Vm("vm", cores: 16).Low("vm", 5);
        world.Forecast("vm", age: 3).RoundOf("vm");
        world.Pass();

        Assert.Equal(DecisionReason.Dwell, world.Low("vm", 5).Last!.Reason);
    }

    [Fact]
    public void Warming_may_grow()
    {
        var decision = new PoolWorld().Vm("vm", cores: 2).Forecast("vm", mean: 3, tail: 8, flags: OutlookFlags.Warming).RoundOf("vm");

        Assert.Equal(DecisionKind.Up, decision.Kind);
    }

    [Fact]
    public void Recent_maximum_keeps_the_size_that_the_forecast_would_give_up()
    {
        var world = new PoolWorld().Vm("vm").Forecast("vm", usageMax: 3.6);
        for (var window = 0; window < 30; window++)
        {
            world.Pass().Forecast("vm");
            Assert.Equal(DecisionReason.RecentMaximum, world.RoundOf("vm").Reason);
        }

        // Three hours after it the maximum is forgotten.
        Assert.Equal(DecisionKind.Down, world.Pass(6).Low("vm", 7).Last!.Kind);
    }

    [Fact]
    public void Sizes_stay_within_the_bounds_of_the_vm()
    {
        var high = new PoolWorld().Vm("vm", cores: 4, upper: 5).Forecast("vm", mean: 9, tail: 12).RoundOf("vm");
        Assert.Equal(5, high.Target.CpuCores);
        Assert.Equal(11.1f, high.ValueOf(DecisionStepKind.Uncapped, Resource.Cpu), 1e-5f);

        var low = new PoolWorld().Vm("vm", cores: 4, lower: 3).Low("vm", 7).Last!;
        Assert.Equal(3, low.Target.CpuCores);
    }

    [Fact]
    public void A_size_below_the_lower_bound_is_raised_to_it()
    {
        var decision = new PoolWorld().Vm("vm", cores: 2, lower: 3).Forecast("vm").RoundOf("vm");

        Assert.Equal((DecisionKind.Up, DecisionReason.LowerBound), (decision.Kind, decision.Reason));
        Assert.Equal(3, decision.Target.CpuCores);
    }

    [Fact]
    public void Whole_cores_are_rounded_up_where_the_host_grants_no_fractions()
    {
        var world = new PoolWorld(cores: 0).Vm("vm", cores: 2);
        world.Planner.Apply(PoolWorld.Host("host-1", 64, coreStep: 1));

        Assert.Equal(5, world.Forecast("vm", mean: 3, tail: 5).RoundOf("vm").Target.CpuCores);
    }

    [Fact]
    public void A_second_increase_waits_for_the_cooldown_unless_the_next_quarter_hour_needs_it()
    {
        foreach (var urgent in new[] { false, true })
        {
            var world = new PoolWorld(options: options => options with { UpCooldown = TimeSpan.FromMinutes(30) })
                .Vm("vm", cores: 2).Forecast("vm", usage: 1, mean: 3, tail: 4);
            world.Applied(world.RoundOf("vm")).Pass(2);

            var decision = world.Forecast("vm", usage: 1, mean: 6, tail: 9, quarterHourTail: urgent ? 9 : 3).RoundOf("vm");

            Assert.Equal(urgent ? DecisionReason.ForecastAboveThreshold : DecisionReason.Cooldown, decision.Reason);
        }
    }
}
