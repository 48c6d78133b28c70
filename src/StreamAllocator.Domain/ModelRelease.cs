namespace StreamAllocator.Domain;

/// <summary>Parameters that the slow lane releases for a class of VMs.</summary>
/// <param name="ModelId">1–200 printable characters.</param>
/// <param name="JobClass">Class that it serves; empty is the fleet's.</param>
/// <param name="Version">Ascends per model from 1.</param>
/// <param name="Effective">Taken up at the first window that closes at or after this time.</param>
/// <param name="ValidationLoss">Loss of this release on its validation span; 0 for a rollback, which is not validated anew.</param>
/// <param name="ReplacedLoss">Loss of the release that it replaces, on the same span.</param>
/// <param name="TrainingWindows">Windows that the fit saw.</param>
/// <param name="Cause">Why it was made: schedule, drift, degradation, rollback.</param>
public sealed record ModelRelease(
    string ModelId,
    string JobClass,
    long Version,
    EventTime Effective,
    ModelRole Role,
    SmoothingParameters Smoothing,
    double ValidationLoss,
    double ReplacedLoss,
    long TrainingWindows,
    string Cause)
{
    /// <summary>Of a champion: what served before it, the newest last, to which a rollback goes back. Empty where there is none, and for a challenger.</summary>
    public IReadOnlyList<SmoothingParameters> Earlier { get; init; } = [];

    /// <summary>How a forecast names it: <c>smoothing@3</c>.</summary>
    public string Name => FormattableString.Invariant($"{ModelId}@{Version}");
}

/// <summary>The values are those of the wire.</summary>
public enum ModelRole
{
    /// <summary>Serves.</summary>
    Champion = 1,

    /// <summary>Competes, and does not serve.</summary>
    Challenger = 2,
}
