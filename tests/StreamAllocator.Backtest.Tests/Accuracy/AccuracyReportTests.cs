using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.Accuracy;

public sealed class AccuracyReportTests
{
    private static readonly OriginSpan Everything = new(0, 1_000_000);

    /// <summary>Ten VMs that always demand 10; the method misses VM i by <paramref name="cpuErrors"/>[i], the baselines by 2 and 4.</summary>
    private static AccuracyReport Report(double[] cpuErrors, double[]? memoryErrors = null)
    {
        var table = SmallTable.Of([.. cpuErrors.Select((_, vm) => ($"vm-{vm}", Constant(10), memoryErrors is null ? [] : Constant(5)))]);
        AccuracyScorer Scorer(string name, Func<int, double> cpu, Func<int, double> memory)
        {
            var scorer = new AccuracyScorer(name, table, Everything);
            for (var vm = 0; vm < cpuErrors.Length; vm++)
            {
                for (var origin = 100; origin < 110; origin++)
                {
                    scorer.Add(vm, Resource.Cpu, origin, 1, Flat(10 + cpu(vm)));
                    scorer.Add(vm, Resource.Memory, origin, 1, Flat(5 + memory(vm)));
                }
            }

            return scorer;
        }

        return AccuracyReport.Of(
            Scorer("method", vm => cpuErrors[vm], vm => memoryErrors?[vm] ?? 0),
            [Scorer("poor", _ => 4, _ => 1), Scorer("good", _ => 2, _ => 3)]);
    }

    [Fact]
    public void Score_is_the_mean_over_resources_of_the_loss_against_the_best_baseline_of_each()
    {
        var report = Report(Same(1), Same(0.75));

        Assert.Equal(["good", "poor"], report.All.Resources.Select(resource => resource.BestBaseline));
        Assert.Equal((0.5 + 0.75) / 2, report.All.Score, 6);
        Assert.Equal(0.1, report.All.Resources[0].Loss, 6);
        Assert.Equal(0.4, report.All.Resources[0].BaselineLosses["poor"], 6);
        Assert.Equal(0.1, report.All.Resources[0].LossByLead[0], 6);
        Assert.Equal((100L, 0L), (report.All.Resources[0].Forecasts, report.All.Resources[0].Missing));
    }

    [Fact]
    public void Resource_without_a_target_is_left_out_of_the_mean()
    {
        var report = Report(Same(1));

        Assert.Equal(Resource.Cpu, Assert.Single(report.All.Resources).Resource);
        Assert.Equal(0.5, report.All.Score, 6);
    }

    [Fact]
    public void Median_and_share_of_harmed_series_are_over_vms()
    {
        var report = Report([1, 1, 1, 1, 1, 1, 2.3, 2.3, 2.3, 200]);

        Assert.Equal(0.5, report.All.Resources[0].MedianSeriesRatio, 6);
        Assert.Equal(0.4, report.All.Resources[0].ShareAbove110, 6);
    }

    [Fact]
    public void Interval_of_a_bootstrap_over_vms_holds_the_score_and_widens_with_their_spread()
    {
        var even = Report(Same(1)).All;
        var uneven = Report([0.1, 0.1, 0.1, 0.1, 0.1, 2, 2, 2, 2, 2]).All;

        Assert.Equal((0.5, 0.5), (Math.Round(even.ScoreLow, 6), Math.Round(even.ScoreHigh, 6)));
        Assert.InRange(uneven.Score, uneven.ScoreLow + 0.1, uneven.ScoreHigh - 0.1);
    }

    [Fact]
    public void A_fifth_of_the_vms_is_held_out_and_the_groups_part_the_fleet()
    {
        var report = Report(Same(1));

        Assert.Equal((10, 8, 2), (report.All.Vms, report.Seen.Vms, report.HeldOut.Vms));
        Assert.Equal(report.All.Resources[0].Forecasts, report.Seen.Resources[0].Forecasts + report.HeldOut.Resources[0].Forecasts);
    }

    [Fact]
    public void Top_three_are_those_with_the_largest_loss_of_the_best_baseline()
    {
        var table = SmallTable.Of([.. Enumerable.Range(0, 5).Select(vm => ($"vm-{vm}", Constant(10), Array.Empty<double>()))]);
        AccuracyScorer Scorer(string name, params double[] errors)
        {
            var scorer = new AccuracyScorer(name, table, Everything);
            for (var vm = 0; vm < errors.Length; vm++)
                scorer.Add(vm, Resource.Cpu, 100, 1, Flat(10 + errors[vm]));
            return scorer;
        }

        var report = AccuracyReport.Of(Scorer("m", 1, 9, 9, 1, 9), [Scorer("b", 2, 5, 6, 2, 7)]);

        Assert.Equal(0.5, report.All.ScoreWithoutTopThree, 6);
    }

    [Theory]
    [InlineData("", 0xcbf29ce484222325)]
    [InlineData("a", 0xaf63dc4c8601ec8c)]
    [InlineData("foobar", 0x85944171f73967e8)]
    public void Hash_that_holds_vms_out_is_the_published_fnv_1a(string text, ulong expected) =>
        Assert.Equal(expected, HeldOutVms.Fnv1a(text));

    private static double[] Constant(double value) => [.. Enumerable.Repeat(value, 12)];

    private static double[] Same(double value) => [.. Enumerable.Repeat(value, 10)];

    private static float[] Flat(double value) => [.. Enumerable.Repeat((float)value, 9)];
}
