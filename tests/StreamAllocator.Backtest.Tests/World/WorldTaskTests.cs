using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.World;

public sealed class WorldTaskTests
{
    private static readonly TimeSpan Cadence = TimeSpan.FromMinutes(5);
    private static readonly EventTime T0 = EventTime.StartOfWindow(5_000_000, Cadence);

    private static WorldOptions Options => new() { Topics = WorldFold.Topics, Vms = [Vm("vm-0", 4), Vm("vm-1", 8)] };

    private static WorldOptions Closed => Options with { ClosedLoop = true };

    [Fact]
    public void Heartbeat_follows_the_samples_before_it_and_nothing_comes_before_the_tick()
    {
        // T0 |  a  b | T1 |  c  | T2
        var fold = new WorldFold(new WorldTask(Options, new ScriptedFeed(Sample(0, 1, 1), Sample(1, 4, 2), Sample(0, 6, 3))));
        fold.Tick(T0);
        Assert.Equal([T0.UnixMilliseconds], fold.Heartbeats);
        Assert.Empty(fold.Samples);

        fold.Tick(T0 + Cadence);
        Assert.Equal([("vm-0", 1.0), ("vm-1", 2.0)], fold.Samples.Select(sample => (sample.VmId, sample.CpuCores)));

        fold.Tick(T0 + 2 * Cadence);
        Assert.Equal([At(0), At(5), At(10)], fold.Heartbeats);
        Assert.Equal(At(6), fold.Samples.Last().EventTimeMs);
    }

    [Fact]
    public void Sample_at_the_time_of_a_tick_belongs_to_the_next_window()
    {
        var fold = new WorldFold(new WorldTask(Options, new ScriptedFeed(Sample(0, 5, 1))));
        fold.Tick(T0);
        fold.Tick(T0 + Cadence);
        Assert.Empty(fold.Samples);

        fold.Tick(T0 + 2 * Cadence);
        Assert.Single(fold.Samples);
    }

    [Fact]
    public void Open_loop_publishes_what_was_recorded_and_leaves_out_what_is_missing()
    {
        var fold = new WorldFold(new WorldTask(Options, new ScriptedFeed(Sample(0, 1, 6))));
        fold.Tick(T0 + Cadence, Applied("vm-0", new VmSize(2, 4), T0));

        var sample = Assert.Single(fold.Samples);
        Assert.Equal((6.0, 7.0, 16.0), (sample.CpuCores, sample.CpuCoresMax, sample.CpuCoresAllocated));
        Assert.Equal((false, false, false), (sample.HasMemoryGib, sample.HasDiskBytesPerSecond, sample.HasCpuThrottledRatio));
        Assert.Equal((300_000U, At(1)), (sample.IntervalMs, sample.EventTimeMs));
    }

    [Fact]
    public void World_stays_ahead_by_as_many_heartbeats_as_it_may()
    {
        var fold = new WorldFold(new WorldTask(Options with { MaxAhead = 2 }, new ScriptedFeed(Sample(0, 14, 1), Sample(0, 60, 1))));
        fold.Tick(T0);
        Assert.Equal([At(0), At(5), At(10)], fold.Heartbeats);

        fold.Tick(T0 + Cadence);
        Assert.Equal(At(15), fold.Heartbeats.Last());
        Assert.Single(fold.Samples);
    }

    [Fact]
    public void Heartbeats_end_with_the_first_after_the_last_sample()
    {
        var world = new WorldTask(Options with { MaxAhead = 6 }, new ScriptedFeed(Sample(0, 6, 1)));
        var fold = new WorldFold(world);
        fold.Tick(T0);

        Assert.True(world.Ended);
        Assert.Equal([At(0), At(5), At(10)], fold.Heartbeats);
        fold.Tick(T0 + Cadence);
        Assert.Equal(3, fold.Heartbeats.Count());
    }

    [Fact]
    public void Vms_of_other_pools_partitions_and_unknown_vms_stay_silent()
    {
        var pools = Enumerable.Range(0, 100).Select(pool => $"pool-{pool}").ToList();
        var (mine, other) = (pools.First(pool => StableHash.Partition(pool, 2) == 1), pools.First(pool => StableHash.Partition(pool, 2) == 0));
        var options = Options with { Partition = 1, PoolPartitions = 2, Vms = [Vm("vm-0", 4, mine), Vm("vm-1", 4, other)] };
        var fold = new WorldFold(new WorldTask(options, new ScriptedFeed(Sample(0, 1, 1), Sample(1, 1, 1), Sample(2, 1, 1))));
        fold.Tick(T0 + Cadence);

        Assert.Equal("vm-0", Assert.Single(fold.Samples).VmId);
        Assert.StartsWith("streamallocator.telemetry/1 ", Assert.Single(fold.Records), StringComparison.Ordinal);
    }

    [Fact]
    public void Usage_is_the_demand_up_to_the_allocation()
    {
        var fold = new WorldFold(new WorldTask(Closed, new ScriptedFeed(Sample(0, 1, 5, 3), Sample(1, 1, 7.5, 40))));
        fold.Tick(T0 + Cadence);

        var samples = fold.Samples.ToList();
        Assert.Equal((4.0, 4.0, 4.0, 0.2), (samples[0].CpuCores, samples[0].CpuCoresMax, samples[0].CpuCoresAllocated, samples[0].CpuThrottledRatio));
        Assert.Equal((7.5, 8.0, 0.0), (samples[1].CpuCores, samples[1].CpuCoresMax, samples[1].CpuThrottledRatio));
        Assert.Equal((3.0, 32.0), (samples[0].MemoryGib, samples[1].MemoryGib));
    }

    [Fact]
    public void Allocation_counts_from_the_moment_of_its_effect()
    {
        // interval of the sample: T0-4 ─────────── T0+1; the VM has 4 cores for four fifths of it, then 9
        var fold = new WorldFold(new WorldTask(Closed, new ScriptedFeed(Sample(0, 1, 20))));
        fold.Tick(T0 + Cadence, Applied("vm-0", new VmSize(9, 16), T0));

        Assert.Equal(5.0, Assert.Single(fold.Samples).CpuCores, 12);
    }

    [Fact]
    public void Refusal_changes_nothing_whatever_size_it_states()
    {
        var fold = new WorldFold(new WorldTask(Closed, new ScriptedFeed(Sample(0, 1, 20))));
        fold.Tick(
            T0 + Cadence,
            Applied("vm-0", new VmSize(9, 16), T0) with { Outcome = AllocationOutcome.Refused, Refusal = RefusalCause.UnknownVm });

        Assert.Equal(4.0, Assert.Single(fold.Samples).CpuCores);
    }

    [Fact]
    public void Totals_know_the_hidden_demand()
    {
        var world = new WorldTask(Closed, new ScriptedFeed(Sample(0, 1, 6, 8), Sample(0, 6, 1, 8)));
        var fold = new WorldFold(world);
        fold.Tick(T0 + Cadence);
        fold.Tick(T0 + 2 * Cadence, Applied("vm-0", new VmSize(2, 16), T0 + TimeSpan.FromMinutes(1)));

        // Five minutes with 4 of 4 cores and a demand of 6, then five with 2 of 4 and a demand of 1.
        var totals = world.Totals;
        Assert.Equal((2, 1, T0 + 2 * Cadence), (totals.Samples, totals.Resizes, totals.Until));
        Assert.Equal(6.0 / 8, totals.Cpu.Footprint, 12);
        Assert.Equal(0.5, totals.Cpu.ViolationRate);
        Assert.Equal(2.0 / 7, totals.Cpu.UnmetShare, 12);
        Assert.Equal(6.0 * 5 / 60, totals.Cpu.Allocated, 12);
        Assert.Equal((1.0, 0.5), (totals.AsProvisioned.Cpu.Footprint, totals.AsProvisioned.Cpu.ViolationRate));
        Assert.Equal(2, totals.MeanDeviation.Memory.Samples);
        Assert.Equal((1.0, 0, 2), (totals.Memory.Footprint, totals.Memory.Violations, totals.Memory.Samples));
    }

    [Fact]
    public void Closed_loop_goes_on_alike_after_save_and_load_at_any_tick_and_in_any_batches()
    {
        var (whole, ticks) = (RunDemo(), DemoTicks());
        Assert.Equal(whole, RunDemo());
        var batchedWorld = Demo();
        var batched = new WorldFold(batchedWorld);
        batched.Send([.. ticks]);
        var wholeTotals = batchedWorld.Totals;
        Assert.Equal(whole, batched.Records);
        for (var at = 0; at < ticks.Count; at += 7)
        {
            var lived = new WorldFold(Demo());
            lived.Send([.. ticks[..at]]);
            var world = Demo();
            world.Load(lived.Save());
            var restored = new WorldFold(world);
            Assert.Equal(lived.Save(), restored.Save());
            restored.Send([.. ticks[at..]]);
            Assert.Equal(whole, lived.Records.Concat(restored.Records));
            Assert.Equal(wholeTotals, world.Totals);
        }
    }

    [Fact]
    public void Ended_world_stays_ended_after_save_and_load()
    {
        var lived = new WorldFold(new WorldTask(Options, new ScriptedFeed(Sample(0, 1, 1))));
        lived.Tick(T0 + Cadence);
        var world = new WorldTask(Options, new ScriptedFeed(Sample(0, 1, 1)));
        world.Load(lived.Save());
        var restored = new WorldFold(world);
        restored.Tick(T0 + 2 * Cadence);

        Assert.Empty(restored.Records);
    }

    [Fact]
    public void Sample_of_the_demo_falls_into_the_window_that_it_describes()
    {
        var fold = new WorldFold(Demo());
        fold.Tick(T0);
        fold.Tick(T0 + Cadence);

        Assert.All(fold.Samples, sample => Assert.Equal(T0.WindowIndex(Cadence), new EventTime(sample.EventTimeMs).WindowIndex(Cadence)));
        Assert.Equal(20, fold.Samples.Count());
    }

    [Fact]
    public void Every_wrong_option_is_named()
    {
        var wrong = Closed with { Partition = 1, Cadence = TimeSpan.Zero, MaxAhead = 1, Vms = [Vm("", 4)] };

        Assert.Equal(4, wrong.Violations().Count());
        Assert.Throws<ArgumentException>(() => new WorldTask(wrong, new ScriptedFeed()));
    }

    private static List<string> RunDemo()
    {
        var fold = new WorldFold(Demo());
        foreach (var tick in DemoTicks())
            fold.Send(tick);
        return fold.Records;
    }

    private static WorldTask Demo()
    {
        var demand = DemandTrace.Azure(seed: 1);
        var vms = Enumerable.Range(0, demand.VmCount)
            .Select(vm => new VmSpec(demand.VmId(vm), "pool", demand.Provisioned(vm), default, demand.Provisioned(vm), Priority.Normal));
        return new WorldTask(Closed with { Vms = [.. vms] }, new RepeatingFeed(demand, T0));
    }

    private static List<byte[]> DemoTicks()
    {
        var demand = DemandTrace.Azure(seed: 1);
        var random = new SeededRandom(5);
        var fold = new WorldFold(Demo());
        List<byte[]> ticks = [];
        for (var tick = 0; tick < 50; tick++)
        {
            var time = T0 + tick * Cadence;
            var vm = random.NextInt32(demand.VmCount);
            var size = new VmSize(0.5 + random.NextInt32(8), 1 + random.NextInt32(16));
            ticks.Add(fold.Record(time, Applied(demand.VmId(vm), size, time - TimeSpan.FromSeconds(random.NextInt32(299)))));
        }

        return ticks;
    }

    private static long At(int minutes) => (T0 + TimeSpan.FromMinutes(minutes)).UnixMilliseconds;

    private static DemandSample Sample(int vm, int minutes, double cpuCores, double memoryGib = double.NaN) =>
        ScriptedFeed.Sample(vm, T0 + TimeSpan.FromMinutes(minutes), cpuCores, memoryGib);

    private static Allocation Applied(string vmId, VmSize size, EventTime at) =>
        new(vmId, "pool", 1, size, size, AllocationOutcome.Applied, "host", at, at);

    private static VmSpec Vm(string vmId, double cores, string pool = "pool") =>
        new(vmId, pool, new VmSize(cores, cores * 4), default, new VmSize(cores, cores * 4), Priority.Normal);
}
