using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Pipeline.Predict;

namespace StreamAllocator.Pipeline.Tests.Predict;

public sealed class RetrainingTriggersTests
{
    private const int Day = 288;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>One VM in ten windows lies above its 0.9 quantile, as it should.</summary>
    private static readonly ForecastError Usual = new(true, 10, 10, 8, 12, Loss: 1, Censored: false);
    private static readonly ForecastError Above = Usual with { Actual = 13 };

    [Fact]
    public void A_healthy_class_is_refitted_after_a_day_and_then_every_seven()
    {
        var requests = Run(new RetrainingTriggers(new RetrainingOptions(), Window), 0, 16 * Day, Healthy);

        Assert.All(requests, request => Assert.Equal(RetrainingReason.Schedule, request.Reason));
        Assert.Equal([Day + 1, (8 * Day) + 1, (15 * Day) + 1], requests.Select(WindowOf));
        Assert.Equal([1.0, 8.0, 15.0], requests.Select(request => request.Observed));
    }

    [Fact]
    public void A_day_worse_than_its_week_is_degradation_with_the_figures()
    {
        var triggers = new RetrainingTriggers(NoSchedule, Window);
        Assert.Empty(Run(triggers, 0, 10 * Day, Healthy));

        var request = Run(triggers, 10 * Day, Day, window => Healthy(window) with { Loss = 4 })[0];

        Assert.Equal(RetrainingReason.Degradation, request.Reason);
        Assert.InRange(request.Observed, 1.5, 1.51);
        Assert.Equal(1.5, request.Limit);
        Assert.InRange(WindowOf(request), 10 * Day, (10 * Day) + (Day / 2));
    }

    [Fact]
    public void Too_many_actuals_above_the_upper_quantile_are_drift()
    {
        var triggers = new RetrainingTriggers(NoSchedule, Window);
        Run(triggers, 0, 2 * Day, Healthy);

        var request = Run(triggers, 2 * Day, Day, window => window % 3 == 0 ? Above : Usual)[0];

        Assert.Equal(RetrainingReason.Drift, request.Reason);
        Assert.InRange(request.Observed, 0.2, 0.205);
        Assert.Equal(0.2, request.Limit);
    }

    [Fact]
    public void Too_few_actuals_above_the_upper_quantile_are_drift_too()
    {
        var triggers = new RetrainingTriggers(NoSchedule, Window);
        Run(triggers, 0, 2 * Day, Healthy);

        var request = Run(triggers, 2 * Day, 4 * Day, _ => Usual)[0];

        Assert.Equal(RetrainingReason.Drift, request.Reason);
        Assert.InRange(request.Observed, 0.019, 0.02);
        Assert.Equal(0.02, request.Limit);
    }

    [Fact]
    public void Two_requests_of_a_class_keep_their_distance_and_another_class_does_not_count()
    {
        var triggers = new RetrainingTriggers(NoSchedule, Window);
        var requests = new List<RetrainingRequest>();
        for (var window = 0; window < 3 * Day; window++)
        {
            Observe(triggers, "batch", Healthy(window));
            Observe(triggers, "web", Above);
            triggers.Close(EndOf(window), requests);
        }

        Assert.All(requests, request => Assert.Equal("web", request.JobClass));
        Assert.True(requests.Count >= 4);
        Assert.All(requests.Zip(requests.Skip(1)), pair => Assert.Equal(TimeSpan.FromHours(12), pair.Second.Time - pair.First.Time));
    }

    [Fact]
    public void A_class_with_little_evidence_is_not_judged()
    {
        var triggers = new RetrainingTriggers(NoSchedule with { LeastEvidence = 4 * 300 }, Window);

        Assert.Empty(Run(triggers, 0, 5 * Day, _ => Above));
    }

    [Fact]
    public void A_censored_actual_below_the_quantile_says_nothing_of_the_share_above()
    {
        var triggers = new RetrainingTriggers(NoSchedule, Window);
        Run(triggers, 0, 2 * Day, Healthy);

        Assert.Empty(Run(triggers, 2 * Day, Day, _ => Usual with { Censored = true }));
    }

    [Fact]
    public void A_loaded_state_goes_on_alike()
    {
        var options = new RetrainingOptions();
        var whole = new RetrainingTriggers(options, Window);
        var expected = Run(whole, 0, 12 * Day, Uneven);

        var first = new RetrainingTriggers(options, Window);
        var requests = Run(first, 0, 3 * Day, Uneven);
        var resumed = new RetrainingTriggers(options, Window);
        resumed.Load(Saved(first));
        Assert.Equal(Saved(first), Saved(resumed));
        requests.AddRange(Run(resumed, 3 * Day, 9 * Day, Uneven));

        Assert.Equal(expected, requests);
        Assert.Equal(Saved(whole), Saved(resumed));
        Assert.Contains(expected, request => request.Reason != RetrainingReason.Schedule);
    }

    [Fact]
    public void Nothing_is_allocated_per_observation_and_window()
    {
        var triggers = new RetrainingTriggers(NoSchedule, Window);
        var requests = new List<RetrainingRequest>();
        Observe(triggers, "web", Usual);
        triggers.Close(EndOf(0), requests);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var window = 1; window < 250; window++)
        {
            Observe(triggers, "web", Healthy(window));
            triggers.Close(EndOf(window), requests);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RetrainingOptions NoSchedule => new() { FirstAfter = TimeSpan.FromDays(1000) };

    private static ForecastError Healthy(int window) => window % 10 == 0 ? Above : Usual;

    private static ForecastError Uneven(int window) => window % (window / Day % 5 == 4 ? 3 : 10) == 0 ? Above with { Loss = window % 7 } : Usual;

    private static List<RetrainingRequest> Run(RetrainingTriggers triggers, int first, int windows, Func<int, ForecastError> errors)
    {
        var requests = new List<RetrainingRequest>();
        for (var window = first; window < first + windows; window++)
        {
            Observe(triggers, "web", errors(window));
            triggers.Close(EndOf(window), requests);
        }

        return requests;
    }

    private static void Observe(RetrainingTriggers triggers, string jobClass, in ForecastError error)
    {
        foreach (var resource in Resources.All)
            triggers.Observe(jobClass, resource, error);
    }

    private static EventTime EndOf(int window) => EventTime.StartOfWindow(window + 1, Window);

    private static int WindowOf(RetrainingRequest request) => (int)request.Time.WindowIndex(Window);

    private static byte[] Saved(RetrainingTriggers triggers)
    {
        var state = new ArrayBufferWriter<byte>();
        triggers.Save(state);
        return state.WrittenSpan.ToArray();
    }
}
