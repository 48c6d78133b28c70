using StreamAllocator.Domain;

namespace StreamAllocator.Server.Contract;

/// <summary>A decision about one VM, with its chain of steps and the same in words.</summary>
/// <param name="Allocated">The size that counted as present.</param>
/// <param name="Target">The size after the decision.</param>
/// <param name="UncappedTarget">If nothing bound it.</param>
/// <param name="Counterfactual">The size at the next stricter level, <paramref name="CounterfactualAlpha"/>.</param>
/// <param name="K">threshold = current + k · stddev.</param>
/// <param name="Alpha">The promised share of hours whose maximum exceeds the size.</param>
/// <param name="RequestId">The request that it answers, or that holds the VM.</param>
public sealed record DecisionAnswer(
    string VmId,
    string PoolId,
    DateTime EventTime,
    DecisionKind Kind,
    DecisionReason Reason,
    DecisionReason CpuReason,
    DecisionReason MemoryReason,
    Priority Priority,
    double K,
    double Alpha,
    SizeAnswer Allocated,
    SizeAnswer Target,
    SizeAnswer LowerBound,
    SizeAnswer UpperBound,
    SizeAnswer UncappedTarget,
    SizeAnswer Counterfactual,
    double CounterfactualAlpha,
    long Revision,
    DateTime? ForecastOrigin,
    int DataAgeWindows,
    string? ModelVersion,
    string? OfferId,
    string? RequestId,
    IReadOnlyList<StepAnswer> Steps,
    IReadOnlyList<string> Explanation)
{
    public static DecisionAnswer Of(Decision decision) => new(
        decision.VmId,
        decision.PoolId,
        Json.Time(decision.EventTime),
        decision.Kind,
        decision.Reason,
        decision.CpuReason,
        decision.MemoryReason,
        decision.Priority,
        decision.K,
        decision.Alpha,
        SizeAnswer.Of(decision.Allocated),
        SizeAnswer.Of(decision.Target),
        SizeAnswer.Of(decision.LowerBound),
        SizeAnswer.Of(decision.UpperBound),
        SizeAnswer.Of(decision.UncappedTarget),
        SizeAnswer.Of(decision.Counterfactual),
        decision.CounterfactualAlpha,
        decision.Revision,
        Origin(decision),
        decision.DataAgeWindows,
        Json.Text(decision.ModelVersion),
        Json.Text(decision.OfferId),
        Json.Text(decision.RequestId),
        [.. decision.Steps.ToArray().Select(step => new StepAnswer(step.Kind, step.Resource, Json.Number(step.Value)))],
        Explain(decision));

    private static IReadOnlyList<string> Explain(Decision decision)
    {
        // A newer version's decider may give a reason that has no words here: the rest of the decision is still to be shown.
        return Enum.IsDefined(decision.Kind) && Known(decision.Reason) && Known(decision.CpuReason) && Known(decision.MemoryReason)
            ? Decisions.Explanation.Lines(decision)
            : [$"decided by a newer version than this: kind {(int)decision.Kind}, reason {(int)decision.Reason}"];

        static bool Known(DecisionReason reason) => Enum.IsDefined(reason);
    }

    private static DateTime? Origin(Decision decision) =>
        decision.ForecastOrigin == Domain.EventTime.Unknown || decision.ForecastOrigin.UnixMilliseconds == 0
            ? null
            : Json.Time(decision.ForecastOrigin);
}

/// <summary>The value after one step of the chain, in cores or GiB where it is an amount.</summary>
public sealed record StepAnswer(DecisionStepKind Kind, Resource Resource, float? Value);

/// <summary>Decisions about one VM, the newest first.</summary>
public sealed record DecisionListAnswer(string VmId, IReadOnlyList<DecisionAnswer> Decisions);
