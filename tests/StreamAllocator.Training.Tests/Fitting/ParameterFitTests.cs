using StreamAllocator.Domain;
using StreamAllocator.Training.Fitting;

namespace StreamAllocator.Training.Tests.Fitting;

public sealed class ParameterFitTests
{
    private const int Windows = 4 * Demand.Day;
    private readonly ParameterFit _fit = new(new TrainOptions());

    [Fact]
    public void Demand_that_trends_gets_a_trend_and_the_champion_is_better_by_the_margin()
    {
        var fitted = _fit.Fit(Sample(Demand.Ramps), SmoothingParameters.Default)!.Value;

        Assert.True(fitted.Wins, $"{fitted}");
        Assert.True(fitted.ValidationLoss < 0.95 * fitted.ServingLoss, $"{fitted}");
        Assert.InRange(fitted.Parameters.Beta, 0.1f, 1);
        Assert.InRange(fitted.Parameters.Damping, 0.9f, 1);
    }

    [Fact]
    public void Noise_about_a_level_gets_a_long_memory()
    {
        var fitted = _fit.Fit(Sample(Demand.Noise), SmoothingParameters.Default)!.Value;

        Assert.True(fitted.Wins, $"{fitted}");
        Assert.InRange(fitted.Parameters.Alpha, 0, 0.1f);
        Assert.InRange(fitted.Parameters.HalfLifeWindows, 96, 1000);
    }

    [Fact]
    public void What_was_fitted_before_wins_nothing_more()
    {
        var sample = Sample(Demand.Ramps);
        var first = _fit.Fit(sample, SmoothingParameters.Default)!.Value;

        var second = _fit.Fit(sample, first.Parameters)!.Value;

        Assert.False(second.Wins, $"{second}");
    }

    [Fact]
    public void A_fit_that_is_worse_after_a_change_of_the_series_does_not_win()
    {
        var sample = Sample((seed, windows) =>
        {
            var values = Demand.Ramps(seed, windows);
            Demand.Noise(seed, windows).AsSpan(windows * 3 / 4).CopyTo(values.AsSpan(windows * 3 / 4));
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
    public void A_class_that_is_younger_than_the_span_is_fitted_on_what_there_is()
    {
        const int Young = Windows - Demand.Day;
        var sample = Sample(Demand.Ramps, Young);
        Assert.Equal(Young, sample.FirstKnown);

        var fitted = _fit.Fit(sample, SmoothingParameters.Default)!.Value;

        Assert.NotEqual(SmoothingParameters.Default, fitted.Parameters);
        Assert.NotEqual(fitted.ServingLoss, fitted.ValidationLoss);
    }

    private static ClassSample Sample(Func<ulong, int, float[]> series, int from = 0)
    {
        var sample = new ClassSample(0, Windows, 4);
        for (var vm = 0; vm < 4; vm++)
        {
            var values = series((ulong)vm + 1, Windows);
            for (var window = from; window < Windows; window++)
                sample.Add($"vm-{vm}", window, [values[window], float.NaN, float.NaN, float.NaN], []);
        }

        return sample;
    }
}
