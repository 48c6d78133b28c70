using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// From a wish to what may be done now: back-off, capacity and reserve, offers, and the rate limit, in this order. Fails closed: on any
/// doubt the answer is the present size.
/// </summary>
internal sealed class Permits(PoolCapacity capacity, OfferBook offers, DecisionOptions options)
{
    /// <summary>
    /// The size that is permitted, and with it <see cref="Decision.Kind"/>, the reasons and the chosen offer. Capacity that an increase
    /// gets is taken at once, so that the next VM of the round does not see it.
    /// </summary>
    public VmSize Ask(
        VmSize wanted,
        bool byPolicy,
        VmSpec spec,
        ref VmState state,
        ref VmTexts texts,
        in PoolState pool,
        EventTime tick,
        Decision decision)
    {
        var present = decision.Allocated;
        var grows = wanted.CpuCores > present.CpuCores || wanted.MemoryGib > present.MemoryGib;
        var waits = state.RetryMs != VmState.Never && tick.UnixMilliseconds < state.RetryMs;
        if (waits && state.Failures > 0)
            return Refuse(DecisionKind.Deferred, DecisionReason.BackOff, wanted, decision);
        if (byPolicy && !pool.Budget.Allows(grows, options))
            return Refuse(DecisionKind.Deferred, DecisionReason.RateLimit, wanted, decision);
        if (!grows)
        {
            Close(DecisionKind.Down, wanted, decision);
            return wanted;
        }

        var granted = new VmSize(
            Grant(Resource.Cpu, wanted.CpuCores, spec, in state, in texts, decision, out var cpuShort),
            Grant(Resource.Memory, wanted.MemoryGib, spec, in state, in texts, decision, out var memoryShort));
        var isShort = cpuShort is not null || memoryShort is not null;
        if (!isShort)
        {
            state.Denials = 0;
        }
        else if (waits)
        {
            // While it backs off it takes all of a resource or nothing, so that a starved pool is not dribbled away.
            granted = new VmSize(
                cpuShort is null ? granted.CpuCores : present.CpuCores, memoryShort is null ? granted.MemoryGib : present.MemoryGib);
            decision.CpuReason = cpuShort is null ? decision.CpuReason : DecisionReason.BackOff;
            decision.MemoryReason = memoryShort is null ? decision.MemoryReason : DecisionReason.BackOff;
        }
        else if (Buy(wanted, present, spec, ref texts, decision))
        {
            state.Denials = 0;
            return wanted;
        }
        else
        {
            BackOff.AfterDenial(ref state, tick, options);
            decision.CpuReason = cpuShort ?? decision.CpuReason;
            decision.MemoryReason = memoryShort ?? decision.MemoryReason;
        }

        if (granted.CpuCores > present.CpuCores || granted.MemoryGib > present.MemoryGib)
            Close(DecisionKind.Up, granted, decision);
        else if (granted != present)
            Close(DecisionKind.Down, granted, decision);
        else
            decision.Kind = waits ? DecisionKind.Deferred : DecisionKind.Denied;
        if (isShort)
            decision.Reason = waits ? DecisionReason.BackOff : cpuShort ?? memoryShort ?? decision.Reason;
        Take(granted, spec, in state, in texts);
        return granted;
    }

    /// <summary>What the VM may have of one resource where it is: all that is wanted, or what there is.</summary>
    /// <param name="shortOf">Why it is less than wanted; null where it is not.</param>
    private double Grant(
        Resource resource, double wanted, VmSpec spec, in VmState state, in VmTexts texts, Decision decision, out DecisionReason? shortOf)
    {
        shortOf = null;
        ref readonly var own = ref state.Resources[(int)resource];
        if (wanted <= own.Observed)
            return wanted;
        double free, unreserved;
        if (texts.OfferId.Length > 0)
            free = unreserved = offers.Free(texts.OfferId, resource);
        else
            free = capacity.Free(resource, spec.Priority, out unreserved, options);
        decision.AddStep(DecisionStepKind.Free, resource, free);
        var most = own.Held + free;
        var granted = wanted;
        if (!Fits(wanted, most))
        {
            var smaller = Granularity.RoundDown(most, own.Granularity);
            granted = smaller > own.Observed * (1 + options.UpDeadband) ? Math.Min(smaller, wanted) : own.Observed;
            shortOf = Fits(wanted, own.Held + unreserved) ? DecisionReason.Reserved : DecisionReason.NoCapacity;
        }

        decision.AddStep(DecisionStepKind.Permitted, resource, granted);
        return granted;
    }

    /// <summary>Places the VM, with all that it wants, on the cheapest offer that fits.</summary>
    private bool Buy(VmSize wanted, VmSize present, VmSpec spec, ref VmTexts texts, Decision decision)
    {
        var offer = offers.Cheapest(wanted, spec.Priority, texts.LastOfferId, options, out var pricePerHour);
        if (offer is null)
            return false;
        texts.LastOfferId = offer.OfferId;
        offers.Take(offer.OfferId, wanted.CpuCores, wanted.MemoryGib);
        decision.OfferId = offer.OfferId;
        decision.AddStep(DecisionStepKind.Price, Resource.Cpu, pricePerHour);
        Close(DecisionKind.Up, wanted, decision);
        decision.Reason = DecisionReason.OfferChosen;
        if (wanted.CpuCores > present.CpuCores)
            decision.CpuReason = DecisionReason.OfferChosen;
        if (wanted.MemoryGib > present.MemoryGib)
            decision.MemoryReason = DecisionReason.OfferChosen;
        return true;
    }

    private void Take(VmSize granted, VmSpec spec, in VmState state, in VmTexts texts)
    {
        var cores = Math.Max(0, granted.CpuCores - state.Resources[0].Held);
        var gib = Math.Max(0, granted.MemoryGib - state.Resources[1].Held);
        if (texts.OfferId.Length > 0)
        {
            offers.Take(texts.OfferId, cores, gib);
            return;
        }

        capacity.Take(Resource.Cpu, spec.Priority, cores);
        capacity.Take(Resource.Memory, spec.Priority, gib);
    }

    /// <summary>The binding reason is that of the first resource that moves the decision's way.</summary>
    private static void Close(DecisionKind kind, VmSize size, Decision decision)
    {
        decision.Kind = kind;
        var cpuMoves = kind == DecisionKind.Up
            ? size.CpuCores > decision.Allocated.CpuCores
            : size.CpuCores < decision.Allocated.CpuCores;
        decision.Reason = cpuMoves ? decision.CpuReason : decision.MemoryReason;
    }

    private static VmSize Refuse(DecisionKind kind, DecisionReason reason, VmSize wanted, Decision decision)
    {
        var present = decision.Allocated;
        decision.Kind = kind;
        decision.Reason = reason;
        if (wanted.CpuCores != present.CpuCores)
            decision.CpuReason = reason;
        if (wanted.MemoryGib != present.MemoryGib)
            decision.MemoryReason = reason;
        return present;
    }

    /// <summary>Sums of doubles are off in their last bits; that much is no lack.</summary>
    private static bool Fits(double wanted, double most) => wanted <= most + 1e-9;
}
