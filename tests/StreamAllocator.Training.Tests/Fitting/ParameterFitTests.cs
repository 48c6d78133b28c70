using StreamAllocator.Domain;
using StreamAllocator.Training.Fitting;

namespace StreamAllocator.Training.Tests.Fitting;

public sealed class ParameterFitTests
{
    private const int Windows = 6 * Demand.Day;
    private readonly ParameterFit _fit = new(new TrainOptions());

    [Fact]
    public void A_noisy_level_gets_a_smaller_alpha_and_the_champion_is_better_by_the_margin()
    {
        var fitted = _fit.Fit(Sample(Demand.NoisyLevel), SmoothingParameters.Default)!.Value;

        Assert.True(fitted.Wins);
        Assert.InRange(fitted.Parameters.Alpha, 0, 0.15f);
        Assert.True(fitted.ValidationLoss < 0.99 * fitted.ServingLoss, $"{fitted}");
    }

    [Fact]
    public void Steps_get_a_larger_alpha()
    {
        var fitted = _fit.Fit(Sample(Demand.Steps), SmoothingParameters.Default)!.Value;

        Assert.True(fitted.Wins);
        Assert.InRange(fitted.Parameters.Alpha, 0.5f, 1);
    }

    [Fact]
    public void What_was_fitted_before_wins_nothing_more()
    {
        var sample = Sample(Demand.NoisyLevel);
        var first = _fit.Fit(sample, SmoothingParameters.Default)!.Value;

        var second = _fit.Fit(sample, first.Parameters)!.Value;

        Assert.False(second.Wins, $"{second}");
    }

    [Fact]
    public void A_fit_that_is_worse_after_a_change_of_the_series_does_not_win()
    {
        var sample = Sample((seed, windows) =>
        {
            var values = Demand.NoisyLevel(seed, windows);
            Demand.Steps(seed, windows).AsSpan(windows * 3 / 4).CopyTo(values.AsSpan(windows * 3 / 4));
            return values;
        });

        var fitted = _fit.Fit(sample, SmoothingParameters.Default)!.Value;

        Assert.True(fitted.ValidationLoss > fitted.ServingLoss, $"{fitted}");
        Assert.False(fitted.Wins);
    }

    [Fact]
    public void Too_little_history_is_not_fitted()
    {
        var sample = new ClassSample(0, Windows, 4);
        for (var window = 0; window < 287; window++)
            sample.Add("vm", window, [1], []);

        Assert.Null(_fit.Fit(sample, SmoothingParameters.Default));
    }

    [Fact]
    public void A_gap_does_not_set_an_old_point_against_a_new_value()
    {
        var loss = new SmoothingLoss(Demand.Day);
        var values = new float[40];
        Array.Fill(values, float.NaN);
        values[0] = 100;
        values[19] = 1;
        var sum = new LossSum();

        loss.Add(values, 0, 0, SmoothingParameters.Default, ref sum);

        Assert.Equal((0.0, 0.0), (sum.Loss, sum.Usage));
    }

    [Fact]
    public void A_censored_value_below_the_point_costs_nothing()
    {
        var loss = new SmoothingLoss(Demand.Day);
        var (open, censored) = (new LossSum(), new LossSum());

        loss.Add([10, 8], 0, 0, SmoothingParameters.Default, ref open);
        loss.Add([10, -8], 0, 0, SmoothingParameters.Default, ref censored);

        Assert.Equal(2, open.Loss, 3);
        Assert.Equal(0, censored.Loss);
        Assert.Equal(open.Usage, censored.Usage);
    }

    private static ClassSample Sample(Func<ulong, int, float[]> series)
    {
        var sample = new ClassSample(0, Windows, 4);
        for (var vm = 0; vm < 4; vm++)
        {
            var values = series((ulong)vm + 1, Windows);
            for (var window = 0; window < Windows; window++)
                sample.Add($"vm-{vm}", window, [values[window], float.NaN, float.NaN, float.NaN], []);
        }

        return sample;
    }
}
