using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Windowing;

namespace StreamAllocator.Pipeline.Predict;

public sealed record PredictOptions
{
    public WindowOptions Windows { get; init; } = new();

    public ForecastOptions Forecast { get; init; } = new();

    /// <summary>The lead time, in windows, whose mean and standard deviation the threshold is held against: 1 to 12.</summary>
    public int PlanningLead { get; init; } = 3;

    /// <summary>Known windows before a VM may be shrunk.</summary>
    public int WarmingWindows { get; init; } = 24;

    /// <summary>A telemetry source that lags the others by more windows than this is left out until it is back; null waits for ever.</summary>
    public int? SourceLagWindows { get; init; } = WindowBank.OpenWindows - 2;

    /// <summary>A trainer takes part: its ticks count, so that releases are taken up at a defined window.</summary>
    public bool ExpectTrainer { get; init; }

    public RetrainingOptions Retraining { get; init; } = new();

    public IEnumerable<string> Validate()
    {
        foreach (var violation in Windows.Validate())
            yield return violation;
        foreach (var violation in Forecast.Validate())
            yield return violation;
        foreach (var violation in Retraining.Validate())
            yield return violation;
        if (PlanningLead is < 1 or > Horizon.Leads)
            yield return $"planning lead {PlanningLead} windows: expected 1 to {Horizon.Leads}";
        if (WarmingWindows < 0)
            yield return $"warming windows {WarmingWindows}: expected 0 or more";
        if (SourceLagWindows is < 1 or > WindowBank.OpenWindows - 2)
            yield return $"source lag limit {SourceLagWindows} windows: expected 1 to {WindowBank.OpenWindows - 2}";
    }
}
