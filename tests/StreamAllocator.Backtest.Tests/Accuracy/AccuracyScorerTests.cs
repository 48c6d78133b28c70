using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.Accuracy;

public sealed class AccuracyScorerTests
{
    private static readonly OriginSpan Everything = new(0, 1_000_000);

    [Fact]
    public void Loss_is_twice_the_mean_pinball_loss_over_the_deciles()
    {
        var scorer = new AccuracyScorer("m", SmallTable.OfCpu(1, 10), Everything);

        Assert.True(scorer.Add(0, Resource.Cpu, SmallTable.FirstWindow, 1, [6, 6, 6, 6, 6, 14, 14, 14, 14]));

        // below by 4 at 0.1 … 0.5: 4·1.5, above by 4 at 0.6 … 0.9: 4·(0.4 + 0.3 + 0.2 + 0.1); twice, over nine
        var tally = scorer.Tally(0, Resource.Cpu);
        Assert.Equal(2 * (4 * 1.5 + 4 * 1.0) / 9, tally.Loss[0], 12);
        Assert.Equal((10.0, 1L, 0L), (tally.Magnitude[0], tally.Count, tally.AboveHighest));
        Assert.Equal(5, Array.IndexOf(tally.Pit.ToArray(), 1L));
    }

    [Fact]
    public void Actual_above_the_highest_quantile_falls_into_the_last_bin()
    {
        var scorer = new AccuracyScorer("m", SmallTable.OfCpu(1, 10), Everything);

        scorer.Add(0, Resource.Cpu, SmallTable.FirstWindow, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]);

        Assert.Equal((1L, 1L), (scorer.Tally(0, Resource.Cpu).AboveHighest, scorer.Tally(0, Resource.Cpu).Pit[9]));
    }

    [Fact]
    public void Ties_of_a_series_of_zeros_spread_over_the_whole_unit_interval()
    {
        var scorer = new AccuracyScorer("m", SmallTable.OfCpu(new double[5000]), Everything);
        for (var origin = 0; origin < 4999; origin++)
            scorer.Add(0, Resource.Cpu, SmallTable.FirstWindow + origin, 1, new float[9]);

        Assert.All(scorer.Tally(0, Resource.Cpu).Pit.ToArray(), count => Assert.InRange(count, 420, 580));
        Assert.Equal(0, scorer.Tally(0, Resource.Cpu).AboveHighest);
    }

    [Fact]
    public void Order_of_adding_changes_nothing()
    {
        var table = SmallTable.OfCpu([.. Enumerable.Range(0, 100).Select(at => (double)(at % 3))]);
        var forward = new AccuracyScorer("m", table, Everything);
        var backward = new AccuracyScorer("m", table, Everything);
        for (var origin = 0; origin < 90; origin++)
        {
            forward.Add(0, Resource.Cpu, SmallTable.FirstWindow + origin, 2, [0, 0, 0, 1, 1, 1, 1, 2, 2]);
            backward.Add(0, Resource.Cpu, SmallTable.FirstWindow + 89 - origin, 2, [0, 0, 0, 1, 1, 1, 1, 2, 2]);
        }

        Assert.Equal(forward.Tally(0, Resource.Cpu).Pit.ToArray(), backward.Tally(0, Resource.Cpu).Pit.ToArray());
    }

    [Fact]
    public void Missing_actual_and_origin_outside_the_span_do_not_count()
    {
        var scorer = new AccuracyScorer("m", SmallTable.OfCpu(1, double.NaN, 3, 4), new OriginSpan(100, 102));

        Assert.False(scorer.Add(0, Resource.Cpu, 100, 1, new float[9]));
        Assert.True(scorer.Add(0, Resource.Cpu, 101, 1, new float[9]));
        Assert.False(scorer.Add(0, Resource.Cpu, 102, 1, new float[9]));
        Assert.False(scorer.Add(0, Resource.Cpu, 101, 12, new float[9]));
        Assert.False(scorer.Add(0, Resource.Cpu, 99, 3, new float[9]));
        Assert.Equal(1, scorer.Tally(0, Resource.Cpu).Count);
    }

    [Fact]
    public void Quantile_that_is_no_number_is_refused()
    {
        var scorer = new AccuracyScorer("m", SmallTable.OfCpu(1, 2), Everything);

        Assert.Throws<ArgumentException>(() => scorer.Add(0, Resource.Cpu, 100, 1, [1, 1, 1, 1, float.NaN, 1, 1, 1, 1]));
        Assert.Throws<ArgumentException>(() => scorer.Add(0, Resource.Cpu, 100, 1, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => scorer.Add(0, Resource.Cpu, 100, 13, new float[9]));
    }
}
