namespace StreamAllocator.Domain;

/// <summary>Why a refit, or a way back, is wanted, with the figures.</summary>
/// <param name="JobClass">Class of VMs; empty is those without one.</param>
/// <param name="Time">End of the window at which it was seen; for a rollback, when it was asked for.</param>
/// <param name="Observed">What was measured.</param>
/// <param name="Limit">The level that it crossed.</param>
/// <param name="ModelId">The model to take back; empty unless the reason is a rollback.</param>
public sealed record RetrainingRequest(
    string JobClass, RetrainingReason Reason, EventTime Time, double Observed, double Limit, string Detail, string ModelId = "")
{
    public static RetrainingRequest Rollback(string modelId, EventTime time, string detail) =>
        new("", RetrainingReason.Rollback, time, 0, 0, detail, modelId);
}

/// <summary>The values are those of the wire.</summary>
public enum RetrainingReason
{
    Schedule = 1,

    /// <summary>The share of actuals above the served 0.9 quantile left its band.</summary>
    Drift = 2,

    /// <summary>The loss of a day is above that of the week.</summary>
    Degradation = 3,

    /// <summary>A person wants the parameters of the previous champion back.</summary>
    Rollback = 4,
}
