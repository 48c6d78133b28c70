using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>Takes over what an executor saw: the only thing that frees capacity.</summary>
internal static class ReadBack
{
    public static void Apply(ref VmState state, ref VmTexts texts, Allocation allocation, OfferBook offers, DecisionOptions options)
    {
        var observedMs = allocation.ObservedAt.UnixMilliseconds;
        var unanswered = state.UnansweredExpiryMs != VmState.Never;
        // A newer revision than ours is one of a state that was lost: go on from it, never behind it.
        var answers = allocation.Revision >= state.Revision && allocation.Revision > 0;
        state.Revision = Math.Max(state.Revision, allocation.Revision);
        if (!answers && observedMs < state.ObservedMs)
            return;
        state.ObservedMs = Math.Max(state.ObservedMs, observedMs);
        var changed = false;
        for (var resource = 0; resource < Resources.ResizableCount; resource++)
        {
            ref var own = ref state.Resources[resource];
            var observed = allocation.Observed[(Resource)resource];
            changed |= observed != own.Observed;
            own.Observed = observed;
            own.Held = answers || !unanswered ? observed : Math.Max(own.Held, observed);
        }

        if (changed)
        {
            // A foreign change, too, is a change: the policy yields for its cooldown.
            state.SizeSinceMs = observedMs;
            state.LastChangeMs = Math.Max(state.LastChangeMs, observedMs);
        }

        if (allocation.HostId.Length > 0)
        {
            texts.HostId = allocation.HostId;
            texts.OfferId = allocation.HostId == texts.PendingOfferId || offers.Has(allocation.HostId) ? allocation.HostId : "";
        }

        if (!answers)
            return;
        state.UnansweredExpiryMs = VmState.Never;
        texts.PendingOfferId = "";
        if (allocation.Outcome is AllocationOutcome.Applied or AllocationOutcome.DryRun)
        {
            if (state.Failures > 0)
                state.RetryMs = VmState.Never;
            state.Failures = 0;
        }
        else if (!CorrectsOnlyOurView(allocation))
            BackOff.AfterFailure(ref state, allocation.ObservedAt, options);
    }

    /// <summary>The executor saw another size or a newer revision: now we know it too, and the next round may try at once.</summary>
    private static bool CorrectsOnlyOurView(Allocation allocation) => allocation.Outcome == AllocationOutcome.Refused
        && allocation.Refusal is RefusalCause.UnexpectedSize or RefusalCause.StaleRevision;
}
