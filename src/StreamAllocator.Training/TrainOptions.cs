using StreamAllocator.Forecasting;

namespace StreamAllocator.Training;

public sealed record TrainOptions
{
    /// <summary>Window size of predict, whose features are read.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most history that a fit sees; <c>features</c> must be kept at least as long.</summary>
    public TimeSpan Span { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Share of the history, its end, on which candidate and serving parameters are compared.</summary>
    public double HoldOut { get; init; } = 0.25;

    /// <summary>Share by which a candidate's loss must be the smaller one for it to serve: below that, a week's difference is mostly chance.</summary>
    public double Margin { get; init; } = 0.005;

    /// <summary>VMs per class that a fit sees: those with the lowest hashes.</summary>
    public int VmsPerClass { get; init; } = 16;

    /// <summary>Known windows, over all VMs and resources, below which a class is not fitted.</summary>
    public int LeastWindows { get; init; } = 288;

    /// <summary>
    /// Windows from the tick that a release answers to the first one that it serves. Predict runs at most this far ahead of the trainer.
    /// </summary>
    public int LeadWindows { get; init; } = 12;

    /// <summary>Least distance of a fit of one class to its release before, a rollback included, over the requests of all predict partitions.</summary>
    public TimeSpan LeastDistance { get; init; } = TimeSpan.FromHours(12);

    /// <summary>As predict has it. Its parameters serve before the first release.</summary>
    public ForecastOptions Forecast { get; init; } = new();

    /// <summary>A predict partition that lags the others by more than this is not waited for; null waits for ever.</summary>
    public TimeSpan? SourceLagLimit { get; init; } = TimeSpan.FromMinutes(30);

    public IEnumerable<string> Validate()
    {
        if (Window <= TimeSpan.Zero || TimeSpan.FromDays(1).Ticks % Math.Max(1, Window.Ticks) != 0)
            yield return $"training window {Window}: expected a length that divides the day";
        if (Span < TimeSpan.FromDays(1) || Span > TimeSpan.FromDays(60))
            yield return $"training span {Span}: expected 1 to 60 days";
        if (!(HoldOut > 0 && HoldOut < 1))
            yield return FormattableString.Invariant($"training hold-out {HoldOut}: expected in (0, 1)");
        if (!(Margin >= 0 && Margin < 1))
            yield return FormattableString.Invariant($"training margin {Margin}: expected in [0, 1)");
        if (VmsPerClass < 1)
            yield return $"training VMs per class {VmsPerClass}: expected 1 or more";
        if (LeastWindows < 1)
            yield return $"training least windows {LeastWindows}: expected 1 or more";
        if (LeadWindows < 1)
            yield return $"training lead {LeadWindows} windows: expected 1 or more";
        if (LeastDistance < TimeSpan.Zero)
            yield return $"training least distance {LeastDistance}: expected 0 or more";
        if (SourceLagLimit <= TimeSpan.Zero)
            yield return $"training source lag limit {SourceLagLimit}: expected more than 0";
    }
}
