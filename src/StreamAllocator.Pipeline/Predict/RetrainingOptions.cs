using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>When a refit is asked for, per job class.</summary>
public sealed record RetrainingOptions
{
    /// <summary>First refit on schedule, counted from the first judged forecast of the class.</summary>
    public TimeSpan FirstAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Later refits on schedule.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Least distance of two requests of one class, whatever their reasons.</summary>
    public TimeSpan LeastDistance { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Lead time, in windows, of the forecasts that are judged: 1 to 12.</summary>
    public int Lead { get; init; } = 3;

    /// <summary>Loss of a day over that of a week above which a refit is wanted.</summary>
    public double DegradationRatio { get; init; } = 1.5;

    /// <summary>Band of the share of actuals above the served 0.9 quantile over a day; nominal is 0.1.</summary>
    public double LeastExceedance { get; init; } = 0.02;

    /// <inheritdoc cref="LeastExceedance"/>
    public double MostExceedance { get; init; } = 0.2;

    /// <summary>Judged forecasts of a day (decayed) below which a class is not judged.</summary>
    public double LeastEvidence { get; init; } = 576;

    public IEnumerable<string> Validate()
    {
        if (FirstAfter <= TimeSpan.Zero)
            yield return $"retraining first after {FirstAfter}: expected more than 0";
        if (Every <= TimeSpan.Zero)
            yield return $"retraining every {Every}: expected more than 0";
        if (LeastDistance < TimeSpan.Zero)
            yield return $"retraining least distance {LeastDistance}: expected 0 or more";
        if (Lead is < 1 or > Horizon.Leads)
            yield return $"retraining lead {Lead} windows: expected 1 to {Horizon.Leads}";
        if (!(DegradationRatio > 1))
            yield return FormattableString.Invariant($"retraining degradation ratio {DegradationRatio}: expected more than 1");
        if (!(LeastExceedance >= 0 && LeastExceedance < 0.1 && MostExceedance > 0.1 && MostExceedance <= 1))
        {
            yield return FormattableString.Invariant(
                $"retraining exceedance band {LeastExceedance} to {MostExceedance}: expected 0 ≤ low < 0.1 < high ≤ 1");
        }

        if (!(LeastEvidence >= 1))
            yield return FormattableString.Invariant($"retraining least evidence {LeastEvidence}: expected 1 or more");
    }
}
