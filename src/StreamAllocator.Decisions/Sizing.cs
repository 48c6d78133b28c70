using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// The size one resource of one VM wants, from its forecast: the largest of three, within its bounds.
/// <code>
/// quantile  1 − α(priority) of the maximum of the next hour
/// guard     recent maximum × margin           (rare jobs; forecasts that are too sure)
/// probe     present size × factor             (only while saturated, and for a bounded time after)
/// </code>
/// </summary>
internal readonly struct Sizing
{
    public double Present { get; private init; }

    /// <summary>Current usage + k·stddev; NaN where the usage is missing, which exceeds nothing.</summary>
    public double Threshold { get; private init; }

    public float Mean { get; private init; }

    /// <summary>P(maximum of the next hour &gt; present).</summary>
    public double Risk { get; private init; }

    public double QuantileTarget { get; private init; }

    public double Guard { get; private init; }

    /// <summary>0 where nothing is probed.</summary>
    public double Probe { get; private init; }

    public bool Saturated { get; private init; }

    /// <summary>The next 15 minutes do not fit into the present size at the promised risk.</summary>
    public bool Urgent { get; private init; }

    public double Uncapped { get; private init; }

    public double Bounded { get; private init; }

    public static Sizing Of(
        in VmState state, Resource resource, VmSpec spec, in PriorityRule rule, EventTime tick, DecisionOptions options, Decision decision)
    {
        ref readonly var own = ref state.Resources[(int)resource];
        ReadOnlySpan<float> levels = state.Levels;
        levels = levels.Slice((int)resource * DemandOutlook.LevelsPerResource, DemandOutlook.LevelsPerResource);
        var nextHour = Quantiles(in state, (int)resource);
        var current = levels[0];
        var mean = levels[2];
        var stddev = levels[3];
        var present = own.Observed;
        var saturated = IsSaturated(in state, resource, levels[1], tick, options);
        var level = 1 - rule.Alpha;
        var quantile = TailQuantile.AmountAt(nextHour, level);
        var guard = options.GuardMargin * RecentMaximum.Of(in own);
        var probe = saturated ? present * options.ProbeFactor
            : tick.UnixMilliseconds < own.ProbeUntilMs ? own.ProbeSize
            : 0;
        var uncapped = Math.Max(Math.Max(quantile, guard), probe);
        var sizing = new Sizing
        {
            Present = present,
            Threshold = current + rule.K * stddev,
            Mean = mean,
            Risk = TailQuantile.ExceedanceOf(nextHour, present),
            QuantileTarget = quantile,
            Guard = guard,
            Probe = probe,
            Saturated = saturated,
            Urgent = TailQuantile.AmountAt(Quantiles(in state, Resources.ResizableCount + (int)resource), level) > present,
            Uncapped = uncapped,
            Bounded = Granularity.Within(uncapped, spec.Lower[resource], spec.Upper[resource]),
        };

        decision.AddStep(DecisionStepKind.Allocated, resource, present);
        decision.AddStep(DecisionStepKind.Current, resource, current);
        decision.AddStep(DecisionStepKind.Mean, resource, mean);
        decision.AddStep(DecisionStepKind.Stddev, resource, stddev);
        decision.AddStep(DecisionStepKind.Threshold, resource, sizing.Threshold);
        decision.AddStep(DecisionStepKind.Risk, resource, sizing.Risk);
        decision.AddStep(DecisionStepKind.QuantileTarget, resource, quantile);
        decision.AddStep(DecisionStepKind.Guard, resource, guard);
        if (probe > 0)
            decision.AddStep(DecisionStepKind.Probe, resource, probe);
        decision.AddStep(DecisionStepKind.Uncapped, resource, uncapped);
        if (sizing.Bounded != uncapped)
            decision.AddStep(DecisionStepKind.Bounded, resource, sizing.Bounded);
        return sizing;
    }

    /// <summary>The size with another promised level, all else alike.</summary>
    public double AtLevel(in VmState state, Resource resource, VmSpec spec, double level)
    {
        var amount = Math.Max(Math.Max(TailQuantile.AmountAt(Quantiles(in state, (int)resource), level), Guard), Probe);
        return Granularity.Within(amount, spec.Lower[resource], spec.Upper[resource]);
    }

    /// <summary>Row of the stored quantiles: next hour CPU, memory, next 15 minutes CPU, memory.</summary>
    public static ReadOnlySpan<float> Quantiles(in VmState state, int index)
    {
        ReadOnlySpan<float> all = state.Quantiles;
        return all.Slice(index * QuantileLevels.Count, QuantileLevels.Count);
    }

    /// <summary>What was seen between two windows tells of the present size.</summary>
    public static bool HasRecentEvidence(in VmState state, EventTime tick, DecisionOptions options) =>
        state.Evidence != OutlookFlags.None && IsRecent(state.EvidenceMs, in state, tick, options);

    /// <summary>
    /// Usage met the present size, not an earlier and smaller one: the evidence is younger than the size, and near it.
    /// </summary>
    private static bool IsSaturated(in VmState state, Resource resource, float usageMax, EventTime tick, DecisionOptions options)
    {
        var bits = resource == Resource.Cpu ? OutlookFlags.CpuSaturated | OutlookFlags.Throttled : OutlookFlags.MemorySaturated;
        if ((state.Evidence & bits) != 0 && HasRecentEvidence(in state, tick, options))
            return true;
        if ((state.Flags & bits) == 0 || state.DataAgeWindows > options.StaleAfterWindows || !IsRecent(state.OriginMs, in state, tick, options))
            return false;
        var throttled = resource == Resource.Cpu && (state.Flags & OutlookFlags.Throttled) != 0;
        return throttled || usageMax >= options.SaturatedShare * state.Resources[(int)resource].Observed;
    }

    private static bool IsRecent(long seenMs, in VmState state, EventTime tick, DecisionOptions options) =>
        (state.SizeSinceMs == VmState.Never || seenMs > state.SizeSinceMs)
        && tick.UnixMilliseconds - seenMs <= (long)options.StaleAfter.TotalMilliseconds;
}
