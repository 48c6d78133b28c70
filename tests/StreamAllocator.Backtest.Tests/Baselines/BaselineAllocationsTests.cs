using System.Buffers;
using StreamAllocator.Backtest.Baselines;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.Baselines;

public sealed class BaselineAllocationsTests
{
    private static readonly MeanDeviationOptions Small = new()
    {
        Deviations = 2,
        Windows = 4,
        FewestWindows = 2,
        CpuStepCores = 0.5,
        MemoryStepGib = 1,
    };

    [Fact]
    public void Allocation_is_mean_plus_k_deviations_of_the_last_windows_rounded_up()
    {
        var baselines = new BaselineAllocations(2, Small);
        foreach (var demand in new[] { 9.0, 1, 2, 3, 4 })
            baselines.Observe(1, Resource.Cpu, demand, 8);

        // of 1 2 3 4: mean 2.5, deviation 1.291 → 5.08 → 5.5
        Assert.Equal(5.5, baselines.AllocationOf(1, Resource.Cpu, 8));
        Assert.Equal(5, baselines.AllocationOf(1, Resource.Cpu, 5));
        Assert.Equal(8, baselines.AllocationOf(0, Resource.Cpu, 8));
    }

    [Fact]
    public void Totals_judge_each_window_by_the_allocation_set_before_it()
    {
        var baselines = new BaselineAllocations(1, Small);
        foreach (var demand in new[] { 1.0, 1, 1, 5, 1 })
            baselines.Observe(0, Resource.Memory, demand, 8);

        // allocations 8 8 1 1 and then of 1 1 1 5: mean 2, deviation 2 → 6; the surge to 5 violates
        var totals = baselines.MeanDeviation(Resource.Memory);
        Assert.Equal(new AllocationTotals(8 + 8 + 1 + 1 + 6, 40, 5, 1, 2), totals);
        Assert.Equal((0.6, 0.2), (totals.Footprint, totals.ViolationRate));
        Assert.Equal(new AllocationTotals(40, 40, 5, 0, 0), baselines.AsProvisioned(Resource.Memory));
        Assert.Equal(0, baselines.MeanDeviation(Resource.Cpu).Samples);
    }

    [Fact]
    public void Moving_moments_equal_those_worked_out_anew_after_a_million_values()
    {
        var random = new SeededRandom(5);
        var moments = new MovingMoments(1, 288);
        var last = new Queue<double>();
        for (var at = 0; at < 1_000_000; at++)
        {
            var value = at < 500_000 ? 1e6 * random.NextDouble() : 0.25;
            moments.Add(0, value);
            last.Enqueue(value);
            if (last.Count > 288)
                last.Dequeue();
        }

        Assert.Equal((0.25, 0.0), moments.Of(0));
        for (var at = 0; at < 300; at++)
        {
            var value = random.NextDouble();
            moments.Add(0, value);
            last.Enqueue(value);
            last.Dequeue();
        }

        var mean = last.Average();
        Assert.Equal(mean, moments.Of(0).Mean, 6);
        Assert.Equal(Math.Sqrt(last.Sum(value => (value - mean) * (value - mean)) / 287), moments.Of(0).Deviation, 5);
    }

    [Fact]
    public void Restored_state_goes_on_alike_and_saves_the_same_bytes()
    {
        var random = new SeededRandom(6);
        var lived = new BaselineAllocations(3, new MeanDeviationOptions());
        void Feed(BaselineAllocations baselines, int vm, double demand) => baselines.Observe(vm, Resource.Cpu, demand, 4);
        for (var at = 0; at < 1000; at++)
            Feed(lived, at % 3, 3 * random.NextDouble());
        var restored = new BaselineAllocations(3, new MeanDeviationOptions());
        restored.Load(Saved(lived));
        for (var at = 0; at < 1000; at++)
        {
            var demand = 3 * random.NextDouble();
            Feed(lived, at % 3, demand);
            Feed(restored, at % 3, demand);
        }

        Assert.Equal(Saved(lived), Saved(restored));
        Assert.Equal(lived.MeanDeviation(Resource.Cpu), restored.MeanDeviation(Resource.Cpu));
    }

    [Fact]
    public void State_of_another_fleet_is_refused()
    {
        var saved = Saved(new BaselineAllocations(3, new MeanDeviationOptions()));

        Assert.Throws<InvalidDataException>(() => new BaselineAllocations(4, new MeanDeviationOptions()).Load(saved));
    }

    [Fact]
    public void Observing_allocates_nothing()
    {
        var baselines = new BaselineAllocations(2, new MeanDeviationOptions());
        void Run()
        {
            for (var at = 0; at < 2000; at++)
                baselines.Observe(at & 1, Resource.Cpu, at % 3, 4);
        }

        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Options_name_every_violation_and_demand_must_be_finite()
    {
        var options = new MeanDeviationOptions { Deviations = -1, Windows = 1, FewestWindows = 0, CpuStepCores = 0 };

        Assert.Equal(4, options.Violations().Count());
        Assert.Throws<ArgumentException>(() => new BaselineAllocations(1, options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BaselineAllocations(1, Small).Observe(0, Resource.Cpu, double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BaselineAllocations(1, Small).Observe(0, Resource.Disk, 1, 1));
    }

    private static byte[] Saved(BaselineAllocations baselines)
    {
        var buffer = new ArrayBufferWriter<byte>();
        baselines.Save(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
