using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// One round over the VMs of a pool. Per VM: close what has been lost, size, then the first that applies of: a command still in flight,
/// a person's request, a hold, no forecast, the policy; what is to change then needs a permit.
/// </summary>
internal sealed class DecisionRound(VmTable vms, PoolCapacity capacity, OfferBook offers, DecisionOptions options)
{
    private readonly Permits _permits = new(capacity, offers, options);
    private EventTime _tick;
    private long _fence;
    private string _poolId = "";

    public void Begin(EventTime tick, long fence, string poolId, ref PoolState pool)
    {
        _tick = tick;
        _fence = fence;
        _poolId = poolId;
        capacity.Recount(vms);
        offers.Recount(vms);
        pool.Budget.Refill(tick, vms.Count, options);
        if (pool.HeldUntilMs == VmState.Never || tick.UnixMilliseconds < pool.HeldUntilMs)
            return;
        pool.HeldUntilMs = VmState.Never;
        pool.RequestId = "";
    }

    public void Decide(int row, ref PoolState pool, Decision decision)
    {
        var spec = vms.Spec(row);
        ref var state = ref vms.State(row);
        ref var texts = ref vms.Texts(row);
        var rule = options.Of(spec.Priority);
        CloseLost(ref state);
        CloseHold(ref state, ref texts);
        Fill(decision, spec, in state, in texts, in rule);
        Sizing cpu = default, memory = default;
        if (state.HasOutlook)
        {
            cpu = Sizing.Of(in state, Resource.Cpu, spec, in rule, _tick, options, decision);
            memory = Sizing.Of(in state, Resource.Memory, spec, in rule, _tick, options, decision);
            FillSizes(decision, spec, in state, in cpu, in memory, in rule);
            NoteGoodSize(ref state, cpu.Saturated || memory.Saturated);
        }

        if (state.UnansweredExpiryMs != VmState.Never)
        {
            Hold(decision, DecisionReason.InFlight);
        }
        else if (state.Hold is HoldKind.Adjust or HoldKind.Rollback)
        {
            FollowPerson(decision, spec, ref state, ref texts, ref pool);
        }
        else if (state.Hold == HoldKind.Hold || pool.HeldUntilMs != VmState.Never)
        {
            state.RequestPending = 0;
            if (state.Hold != HoldKind.Hold)
                decision.RequestId = pool.RequestId;
            Hold(decision, DecisionReason.HeldByPerson);
        }
        else
        {
            FollowPolicy(decision, spec, ref state, ref texts, ref pool, in cpu, in memory, in rule);
        }

        for (var resource = Resource.Cpu; resource <= Resource.Memory; resource++)
            decision.AddStep(DecisionStepKind.Final, resource, decision.Target[resource]);
        decision.Revision = state.Revision;
        if (decision.Command is not null)
            decision.Command = decision.Command with { Reasons = Explanation.Reasons(decision) };
    }

    private void FollowPolicy(
        Decision decision,
        VmSpec spec,
        ref VmState state,
        ref VmTexts texts,
        ref PoolState pool,
        in Sizing cpu,
        in Sizing memory,
        in PriorityRule rule)
    {
        // A release is answered by what the policy then does.
        state.RequestPending = 0;
        texts.RequestId = "";
        if (!state.HasOutlook)
        {
            Hold(decision, DecisionReason.NoForecast);
            return;
        }

        var cpuWish = Wish.Of(ref state, Resource.Cpu, spec, in cpu, in rule, _tick, options, decision);
        var memoryWish = Wish.Of(ref state, Resource.Memory, spec, in memory, in rule, _tick, options, decision);
        decision.CpuReason = cpuWish.Reason;
        decision.MemoryReason = memoryWish.Reason;
        var wanted = new VmSize(cpuWish.Size, memoryWish.Size);
        if (wanted == decision.Allocated)
        {
            decision.Reason = cpuWish.Reason == DecisionReason.WithinThreshold ? memoryWish.Reason : cpuWish.Reason;
            return;
        }

        var permit = _permits.Ask(wanted, byPolicy: true, spec, ref state, ref texts, in pool, _tick, decision);
        if (permit != decision.Allocated)
            Command(permit, spec, ref state, ref texts, ref pool, decision);
    }

    private void FollowPerson(Decision decision, VmSpec spec, ref VmState state, ref VmTexts texts, ref PoolState pool)
    {
        var wanted = new VmSize(Requested(in state, Resource.Cpu, spec, decision), Requested(in state, Resource.Memory, spec, decision));
        var reason = state.Hold == HoldKind.Rollback ? DecisionReason.Rollback : DecisionReason.Request;
        var first = state.RequestPending != 0;
        state.RequestPending = 0;
        if (wanted == decision.Allocated)
        {
            Hold(decision, first ? DecisionReason.AlreadyThere : DecisionReason.HeldByPerson);
            return;
        }

        decision.CpuReason = decision.MemoryReason = reason;
        var permit = _permits.Ask(wanted, byPolicy: false, spec, ref state, ref texts, in pool, _tick, decision);
        if (permit == decision.Allocated)
            return;
        Command(permit, spec, ref state, ref texts, ref pool, decision);
        decision.Kind = DecisionKind.Manual;
    }

    private static double Requested(in VmState state, Resource resource, VmSpec spec, Decision decision)
    {
        ref readonly var own = ref state.Resources[(int)resource];
        var upper = spec.Upper[resource];
        var wanted = Granularity.RoundUpWithin(Granularity.Within(own.Requested, spec.Lower[resource], upper), own.Granularity, upper);
        decision.AddStep(DecisionStepKind.Requested, resource, own.Requested);
        if (wanted != own.Requested)
            decision.AddStep(DecisionStepKind.Bounded, resource, wanted);
        return Granularity.IsSame(wanted, own.Observed, own.Granularity) ? own.Observed : wanted;
    }

    private void Command(VmSize target, VmSpec spec, ref VmState state, ref VmTexts texts, ref PoolState pool, Decision decision)
    {
        state.Revision++;
        state.UnansweredExpiryMs = (_tick + options.CommandTtl).UnixMilliseconds;
        state.LastChangeMs = _tick.UnixMilliseconds;
        for (var resource = 0; resource < Resources.ResizableCount; resource++)
        {
            ref var own = ref state.Resources[resource];
            var size = target[(Resource)resource];
            own.Held = Math.Max(own.Held, size);
            own.LowSinceMs = VmState.Never;
            if (size <= own.Observed || decision.ReasonOf((Resource)resource) != DecisionReason.Saturated)
                continue;
            own.ProbeSize = size;
            own.ProbeUntilMs = (_tick + options.ProbeFor).UnixMilliseconds;
        }

        pool.Budget.Take();
        texts.PendingOfferId = decision.OfferId;
        decision.Target = target;
        decision.Command = new ResizeCommand(
            spec.VmId,
            _poolId,
            state.Revision,
            target,
            decision.Allocated,
            _fence,
            _tick,
            new EventTime(state.UnansweredExpiryMs),
            decision.OfferId,
            []);
    }

    /// <summary>A command that nobody answered long after its expiry is lost: what it held stays held until something is read back.</summary>
    private void CloseLost(ref VmState state)
    {
        if (state.UnansweredExpiryMs == VmState.Never || _tick < new EventTime(state.UnansweredExpiryMs) + options.ReadBackGrace)
            return;
        state.UnansweredExpiryMs = VmState.Never;
        BackOff.AfterFailure(ref state, _tick, options);
    }

    private void CloseHold(ref VmState state, ref VmTexts texts)
    {
        if (state.Hold == HoldKind.None || state.RequestPending != 0 || _tick.UnixMilliseconds < state.HeldUntilMs)
            return;
        state.Hold = HoldKind.None;
        state.HeldUntilMs = VmState.Never;
        texts.RequestId = "";
    }

    /// <summary>A size that has stood long enough without saturation is good: rollback may return to it.</summary>
    private void NoteGoodSize(ref VmState state, bool saturated)
    {
        if (saturated || state.UnansweredExpiryMs != VmState.Never || state.Failures > 0)
            return;
        if (state.SizeSinceMs == VmState.Never || _tick.UnixMilliseconds - state.SizeSinceMs < (long)options.GoodAfter.TotalMilliseconds)
            return;
        if (state.Resources[0].LastGood == state.Resources[0].Observed && state.Resources[1].LastGood == state.Resources[1].Observed)
            return;
        for (var resource = 0; resource < Resources.ResizableCount; resource++)
        {
            ref var own = ref state.Resources[resource];
            own.PreviousGood = own.LastGood;
            own.LastGood = own.Observed;
        }
    }

    private void Fill(Decision decision, VmSpec spec, in VmState state, in VmTexts texts, in PriorityRule rule)
    {
        decision.VmId = spec.VmId;
        decision.PoolId = _poolId;
        decision.EventTime = _tick;
        decision.Kind = DecisionKind.Hold;
        decision.Reason = decision.CpuReason = decision.MemoryReason = DecisionReason.Unspecified;
        decision.Priority = spec.Priority;
        decision.K = rule.K;
        decision.Alpha = rule.Alpha;
        decision.Allocated = decision.Target = decision.LowerBound = decision.UpperBound = state.Observed;
        decision.UncappedTarget = decision.Counterfactual = state.Observed;
        decision.CounterfactualAlpha = rule.Alpha;
        decision.ForecastOrigin = new EventTime(state.OriginMs);
        decision.DataAgeWindows = state.DataAgeWindows;
        decision.ModelVersion = texts.ModelVersion;
        decision.OfferId = "";
        decision.RequestId = texts.RequestId;
        decision.Command = null;
        decision.ClearSteps();
    }

    private static void FillSizes(
        Decision decision, VmSpec spec, in VmState state, in Sizing cpu, in Sizing memory, in PriorityRule rule)
    {
        var stricter = TailQuantile.NextStricter(1 - rule.Alpha);
        decision.UncappedTarget = new VmSize(cpu.Uncapped, memory.Uncapped);
        decision.LowerBound = new VmSize(
            AtLevel(in state, Resource.Cpu, spec, QuantileLevels.All[QuantileLevels.Median]),
            AtLevel(in state, Resource.Memory, spec, QuantileLevels.All[QuantileLevels.Median]));
        decision.UpperBound = new VmSize(
            AtLevel(in state, Resource.Cpu, spec, QuantileLevels.All[^1]), AtLevel(in state, Resource.Memory, spec, QuantileLevels.All[^1]));
        decision.CounterfactualAlpha = 1 - stricter;
        decision.Counterfactual = new VmSize(
            cpu.AtLevel(in state, Resource.Cpu, spec, stricter), memory.AtLevel(in state, Resource.Memory, spec, stricter));
    }

    private static double AtLevel(in VmState state, Resource resource, VmSpec spec, double level) =>
        Granularity.Within(TailQuantile.AmountAt(Sizing.Quantiles(in state, (int)resource), level), spec.Lower[resource], spec.Upper[resource]);

    private static void Hold(Decision decision, DecisionReason reason) =>
        decision.Reason = decision.CpuReason = decision.MemoryReason = reason;
}
