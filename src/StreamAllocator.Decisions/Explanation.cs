using System.Globalization;
using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>A decision as plain text. It reads nothing but the decision: explaining is printing.</summary>
public static class Explanation
{
    /// <summary>All of it, a few lines: what, each resource's chain, the counterfactual, what was sent.</summary>
    public static IReadOnlyList<string> Lines(Decision decision)
    {
        var lines = new List<string>
        {
            $"{decision.VmId} ({Name(decision.Priority)}) at {decision.EventTime}: {Name(decision.Kind)}, {Text(decision.Reason)}",
            $"cpu: {Chain(decision, Resource.Cpu)}",
            $"memory: {Chain(decision, Resource.Memory)}",
        };
        if (decision.ForecastOrigin != EventTime.Unknown)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"with α {decision.CounterfactualAlpha:0.####} instead of {decision.Alpha:0.####} it would want {decision.Counterfactual}"));
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"forecast of {decision.ForecastOrigin} by {decision.ModelVersion}, newest sample {decision.DataAgeWindows} windows old"));
        }

        if (decision.RequestId.Length > 0)
            lines.Add($"request {decision.RequestId}");
        if (decision.OfferId.Length > 0)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"placed on offer {decision.OfferId} at {decision.ValueOf(DecisionStepKind.Price, Resource.Cpu):0.####} per hour"));
        }

        if (decision.Command is { } command)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"command revision {command.Revision}: {command.Expected} → {command.Target}, not after {command.Expiry}"));
        }

        return lines;
    }

    /// <summary>The lines that a command carries: its reason, and the chain of each resource that it changes.</summary>
    public static IReadOnlyList<string> Reasons(Decision decision)
    {
        var reasons = new List<string> { Text(decision.Reason) };
        if (decision.Target.CpuCores != decision.Allocated.CpuCores)
            reasons.Add($"cpu: {Chain(decision, Resource.Cpu)}");
        if (decision.Target.MemoryGib != decision.Allocated.MemoryGib)
            reasons.Add($"memory: {Chain(decision, Resource.Memory)}");
        return reasons;
    }

    /// <summary>A reason in words.</summary>
    public static string Text(DecisionReason reason) => reason switch
    {
        DecisionReason.Unspecified => "for no stated reason",
        DecisionReason.WithinThreshold => "the forecast stays below the threshold",
        DecisionReason.Deadband => "the change would be too small",
        DecisionReason.Cooldown => "the last change was too recent",
        DecisionReason.Warming => "too little history to shrink",
        DecisionReason.Stale => "the newest sample is too old",
        DecisionReason.HeldByPerson => "held by a person",
        DecisionReason.NoCapacity => "the pool has no capacity for it",
        DecisionReason.RateLimit => "the pool has made enough changes for now",
        DecisionReason.ForecastAboveThreshold => "the forecast exceeds the threshold",
        DecisionReason.Saturated => "saturated, probing upwards",
        DecisionReason.ForecastLow => "the forecast needs less",
        DecisionReason.Request => "a person asked for it",
        DecisionReason.LowerBound => "at its lower bound",
        DecisionReason.UpperBound => "at its upper bound",
        DecisionReason.OfferChosen => "the pool is full, the cheapest offer that fits is taken",
        DecisionReason.Dwell => "less has not been enough for long enough",
        DecisionReason.InFlight => "the last command is not read back yet",
        DecisionReason.NoForecast => "no forecast yet",
        DecisionReason.RiskAbovePromise => "the risk exceeds the promise",
        DecisionReason.Rollback => "a person asked for the last good size",
        DecisionReason.BackOff => "waits before it tries again",
        DecisionReason.Reserved => "what is free is reserved for critical VMs",
        DecisionReason.RecentMaximum => "the recent maximum keeps the size",
        DecisionReason.AlreadyThere => "it has that size already",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "a reason without words"),
    };

    private static string Chain(Decision decision, Resource resource)
    {
        var allocated = decision.Allocated[resource];
        var target = decision.Target[resource];
        var text = string.Create(CultureInfo.InvariantCulture, $"{allocated:0.00} now");
        if (Value(DecisionStepKind.Mean) is { } mean)
        {
            text += string.Create(CultureInfo.InvariantCulture,
                $", used {Shown(DecisionStepKind.Current)}, forecast mean {mean:0.00} ± {Shown(DecisionStepKind.Stddev)}"
                + $", threshold {Shown(DecisionStepKind.Threshold)} (k {decision.K:0.##}, {Name(decision.Priority)})"
                + $", P(more within the hour) {Shown(DecisionStepKind.Risk, "0.0000")}"
                + $"; wants q{1 - decision.Alpha:0.####} {Shown(DecisionStepKind.QuantileTarget)}, guard {Shown(DecisionStepKind.Guard)}");
        }

        if (Value(DecisionStepKind.Probe) is { } probe)
            text += string.Create(CultureInfo.InvariantCulture, $", probe {probe:0.00}");
        if (Value(DecisionStepKind.Requested) is { } requested)
            text += string.Create(CultureInfo.InvariantCulture, $", asked for {requested:0.00}");
        if (Value(DecisionStepKind.Bounded) is { } bounded)
            text += string.Create(CultureInfo.InvariantCulture, $", within bounds {bounded:0.00}");
        if (Value(DecisionStepKind.Stepped) is { } stepped)
            text += string.Create(CultureInfo.InvariantCulture, $", one step {stepped:0.00}");
        if (Value(DecisionStepKind.Permitted) is { } permitted)
            text += string.Create(CultureInfo.InvariantCulture, $", permit {permitted:0.00} ({Shown(DecisionStepKind.Free)} more free)");
        var direction = target > allocated ? "up to" : target < allocated ? "down to" : "stays";
        return string.Create(CultureInfo.InvariantCulture, $"{text} → {direction} {target:0.00}: {Text(decision.ReasonOf(resource))}");

        float? Value(DecisionStepKind kind) => decision.ValueOf(kind, resource) is var value && float.IsNaN(value) ? null : value;
        string Shown(DecisionStepKind kind, string format = "0.00") =>
            decision.ValueOf(kind, resource) is var value && float.IsNaN(value) ? "unknown" : value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Name(Priority priority) => priority switch
    {
        Priority.Low => "low",
        Priority.Normal => "normal",
        Priority.High => "high",
        Priority.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "a priority without a name"),
    };

    private static string Name(DecisionKind kind) => kind switch
    {
        DecisionKind.Hold => "hold",
        DecisionKind.Up => "up",
        DecisionKind.Down => "down",
        DecisionKind.Deferred => "deferred",
        DecisionKind.Denied => "denied",
        DecisionKind.Manual => "manual",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a kind without a name"),
    };
}
