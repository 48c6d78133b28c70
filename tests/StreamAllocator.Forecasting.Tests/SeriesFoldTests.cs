using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;
using StreamAllocator.Forecasting.Selection;

namespace StreamAllocator.Forecasting.Tests;

public class SeriesFoldTests
{
    private static readonly ForecastOptions Options = new();

    private readonly SeriesFold _fold = new(Options);
    private readonly float[] _series;
    private readonly VmForecast _forecast;
    private readonly ForecastErrors _errors = new();

    public SeriesFoldTests()
    {
        _series = new float[_fold.Layout.Total];
        _forecast = new VmForecast(_fold.ExpertNames.Length);
    }

    /// <summary>Of n known windows the first n − lead are origins whose label at that lead has arrived.</summary>
    [Fact]
    public void A_label_counts_at_a_lead_when_it_arrives_and_not_before()
    {
        var perKnot = new ExpertWeights(_fold.ExpertNames.Length, Options.WindowsPerDay).StateFloats / LeadKnots.Count;
        for (var window = 0; window < 20; window++)
        {
            Step(window, 1 + (window % 3));
            for (var knot = 0; knot < LeadKnots.Count; knot++)
                Assert.Equal(Math.Max(0, window + 1 - LeadKnots.Leads[knot]), _series[_fold.Layout.Losses + (knot * perKnot)]);
        }
    }

    [Fact]
    public void Coverage_is_nominal_on_a_noisy_daily_wave_at_every_lead_and_in_the_tail()
    {
        var random = SeededRandom.For(17, "wave");
        var inside = new int[Horizon.Leads + 1];
        var labels = new int[Horizon.Leads + 1];
        var tail = new Queue<float>();
        var (above, tails) = (0, 0);
        for (var window = 0L; window < 14 * 288; window++)
        {
            var value = (float)(50 + (20 * ExactMath.SinOfTurns(window / 288.0)) + (4 * random.NextNormal()));
            Step(window, value);
            if (tail.Count == 3 && tail.Dequeue() is var q99 && window > 3 * 288)
            {
                tails++;
                above += value > q99 ? 1 : 0;
            }

            tail.Enqueue(_forecast.Quantiles(Resource.Cpu, 3)[10]);
            for (var lead = 1; lead <= Horizon.Leads && window > 3 * 288; lead++)
            {
                ref readonly var error = ref _errors[Resource.Cpu, lead];
                labels[lead]++;
                inside[lead] += error.Actual >= error.Lower && error.Actual <= error.Upper ? 1 : 0;
            }
        }

        for (var lead = 1; lead <= Horizon.Leads; lead++)
            Assert.InRange(inside[lead] / (double)labels[lead], 0.77, 0.86);
        Assert.InRange(above / (double)tails, 0.002, 0.02);
    }

    [Fact]
    public void A_forecast_from_one_value_is_wide()
    {
        Step(0, 8);
        var quantiles = _forecast.Quantiles(Resource.Cpu, 1);
        Assert.True(quantiles[0] < 5 && quantiles[8] > 11 && quantiles[12] > 20, string.Join(' ', quantiles.ToArray()));
    }

    [Fact]
    public void A_level_shift_widens_for_six_windows()
    {
        var random = SeededRandom.For(2, "noise");
        for (var window = 0; window < 500; window++)
            Step(window, 100 + (float)random.NextNormal());
        for (var window = 500; window < 503; window++)
            Step(window, 100 * (window - 497));
        Assert.Equal(-6, SeriesFold.Header(_series).Shift);
        for (var window = 503; window < 509; window++)
            Step(window, 600 + (float)random.NextNormal());
        Assert.Equal(0, SeriesFold.Header(_series).Shift);
    }

    [Fact]
    public void A_saturated_window_does_not_lower_the_upper_quantiles()
    {
        var upper = new float[2];
        foreach (var censored in new[] { false, true })
        {
            Array.Clear(_series);
            var random = SeededRandom.For(2, "noise");
            for (var window = 0; window < 400; window++)
                Step(window, 10 + (float)random.NextNormal());
            for (var window = 400; window < 700; window++)
                Step(window, 8, censored);
            upper[censored ? 1 : 0] = _forecast.Quantiles(Resource.Cpu, 6)[8];
        }

        Assert.True(upper[1] > upper[0] + 0.5f, string.Join(' ', upper));
    }

    private void Step(long window, float value, bool censored = false)
    {
        _errors.Clear(window);
        _fold.Observe(_series, window, new ResourceObservation(value, value, censored), Options.Parameters, (int)Resource.Cpu, _errors);
        _fold.Forecast(_series, window, Resource.Cpu, _forecast);
    }
}
