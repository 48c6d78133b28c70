using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>What the policy wants for one resource: a size other than the present one, or the present one and why.</summary>
internal readonly record struct Wish(double Size, DecisionReason Reason)
{
    /// <summary>A forecast reaches an hour: an older one says nothing any more.</summary>
    private static readonly TimeSpan ForecastValidity = TimeSpan.FromHours(1);

    /// <summary>
    /// Up on a forecast mean above the threshold, on a risk above the promise, or on saturation. Down only on fresh evidence, after a
    /// cooldown and a dwell, in bounded steps.
    /// </summary>
    public static Wish Of(
        ref VmState state, Resource resource, VmSpec spec, in Sizing sizing, in PriorityRule rule, EventTime tick, DecisionOptions options, Decision decision)
    {
        ref var own = ref state.Resources[(int)resource];
        var present = sizing.Present;
        var granular = Granularity.RoundUpWithin(sizing.Bounded, own.Granularity, spec.Upper[resource]);
        decision.AddStep(DecisionStepKind.Granular, resource, granular);
        if (granular > present && (sizing.Bounded > present * (1 + options.UpDeadband) || present < spec.Lower[resource]))
        {
            own.LowSinceMs = VmState.Never;
            return Up(in state, resource, spec, in sizing, in rule, granular, tick, options);
        }

        var worth = Math.Max(options.DownDeadband * present, options.DownDeadbandOfProvisioned * spec.Provisioned[resource]);
        if (granular < present - worth)
            return Down(ref state, resource, spec, in sizing, granular, worth, tick, options, decision);
        own.LowSinceMs = VmState.Never;
        return new Wish(present, WhyNothing(resource, spec, in sizing, present, worth));
    }

    private static Wish Up(
        in VmState state, Resource resource, VmSpec spec, in Sizing sizing, in PriorityRule rule, double size, EventTime tick, DecisionOptions options)
    {
        var present = sizing.Present;
        if (sizing.Saturated || sizing.Probe > present)
            return new Wish(size, DecisionReason.Saturated);
        if (present < spec.Lower[resource])
            return new Wish(size, DecisionReason.LowerBound);
        if (tick - new EventTime(state.OriginMs) > ForecastValidity)
            return new Wish(present, DecisionReason.Stale);
        DecisionReason reason;
        if (sizing.Mean > sizing.Threshold)
            reason = DecisionReason.ForecastAboveThreshold;
        else if (sizing.Risk > options.RiskTolerance * rule.Alpha)
            reason = DecisionReason.RiskAbovePromise;
        else
            return new Wish(present, DecisionReason.WithinThreshold);
        return !sizing.Urgent && IsWithin(state.LastChangeMs, options.UpCooldown, tick)
            ? new Wish(present, DecisionReason.Cooldown)
            : new Wish(size, reason);
    }

    private static Wish Down(
        ref VmState state,
        Resource resource,
        VmSpec spec,
        in Sizing sizing,
        double size,
        double worth,
        EventTime tick,
        DecisionOptions options,
        Decision decision)
    {
        ref var own = ref state.Resources[(int)resource];
        var present = sizing.Present;
        if (IsStale(in state, tick, options))
        {
            // What was low before the silence proves nothing after it.
            own.LowSinceMs = VmState.Never;
            return new Wish(present, DecisionReason.Stale);
        }

        // A resource that this window says nothing about: its forecast alone is no evidence.
        if (float.IsNaN(state.Levels[(int)resource * DemandOutlook.LevelsPerResource]))
            return new Wish(present, DecisionReason.Stale);
        if ((state.Flags & OutlookFlags.Warming) != 0)
        {
            own.LowSinceMs = VmState.Never;
            return new Wish(present, DecisionReason.Warming);
        }

        if (own.LowSinceMs == VmState.Never)
        {
            own.LowSinceMs = tick.UnixMilliseconds;
            own.LowMax = size;
        }

        own.LowMax = Math.Max(own.LowMax, size);
        if (IsWithin(state.LastChangeMs, options.DownCooldown, tick))
            return new Wish(present, DecisionReason.Cooldown);
        if (IsWithin(own.LowSinceMs, options.DownDwell, tick))
            return new Wish(present, DecisionReason.Dwell);
        var stepped = Granularity.RoundUpWithin(
            Math.Max(own.LowMax, present * (1 - options.MaxDownStep)), own.Granularity, Math.Max(spec.Upper[resource], present));
        if (stepped > size)
            decision.AddStep(DecisionStepKind.Stepped, resource, stepped);
        if (stepped >= present - worth)
            return new Wish(present, DecisionReason.Dwell);
        return new Wish(stepped, sizing.Uncapped > spec.Upper[resource] ? DecisionReason.UpperBound : DecisionReason.ForecastLow);
    }

    private static DecisionReason WhyNothing(Resource resource, VmSpec spec, in Sizing sizing, double present, double worth)
    {
        if (sizing.Uncapped > spec.Upper[resource])
            return DecisionReason.UpperBound;
        if (sizing.Uncapped < spec.Lower[resource])
            return DecisionReason.LowerBound;
        if (sizing.Probe >= sizing.Uncapped)
            return DecisionReason.Saturated;
        if (sizing.Guard >= sizing.Uncapped && sizing.QuantileTarget < present - worth)
            return DecisionReason.RecentMaximum;
        return sizing.Mean > sizing.Threshold || sizing.Bounded < present ? DecisionReason.Deadband : DecisionReason.WithinThreshold;
    }

    private static bool IsStale(in VmState state, EventTime tick, DecisionOptions options) => state.SourceStale != 0
        || state.DataAgeWindows > options.StaleAfterWindows
        || tick - new EventTime(state.OriginMs) > options.StaleAfter;

    private static bool IsWithin(long sinceMs, TimeSpan span, EventTime tick) =>
        sinceMs != VmState.Never && tick.UnixMilliseconds - sinceMs < (long)span.TotalMilliseconds;
}
