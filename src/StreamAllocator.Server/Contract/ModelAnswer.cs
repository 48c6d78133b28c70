using StreamAllocator.Domain;

namespace StreamAllocator.Server.Contract;

/// <summary>A release of learned parameters.</summary>
/// <param name="JobClass">Class that it serves; empty is the fleet's.</param>
/// <param name="Effective">From the first window that closes at or after this time on.</param>
/// <param name="ReplacedLoss">Of the release that it replaces, on the same validation span.</param>
/// <param name="Cause">schedule, drift, degradation, rollback.</param>
/// <param name="Earlier">What served before it, the newest last, to which a rollback goes back.</param>
public sealed record ModelAnswer(
    string ModelId,
    string Name,
    string JobClass,
    long Version,
    DateTime Effective,
    ModelRole Role,
    double? ValidationLoss,
    double? ReplacedLoss,
    long TrainingWindows,
    string Cause,
    SmoothingParameters Smoothing,
    IReadOnlyList<SmoothingParameters> Earlier)
{
    public static ModelAnswer Of(ModelRelease release) => new(
        release.ModelId,
        release.Name,
        release.JobClass,
        release.Version,
        Json.Time(release.Effective),
        release.Role,
        Json.Number(release.ValidationLoss),
        Json.Number(release.ReplacedLoss),
        release.TrainingWindows,
        release.Cause,
        release.Smoothing,
        release.Earlier);
}

public sealed record ModelListAnswer(IReadOnlyList<ModelAnswer> Models);
