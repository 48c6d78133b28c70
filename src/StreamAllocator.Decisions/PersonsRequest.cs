using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>Notes on a VM what a person asked for. The newest request replaces the one before.</summary>
internal static class PersonsRequest
{
    public static void Apply(ref VmState state, ref VmTexts texts, ControlRequest request, DecisionOptions options)
    {
        var untilMs = VmState.Never;
        switch (request)
        {
            case AdjustRequest adjust:
                state.Hold = HoldKind.Adjust;
                state.Resources[0].Requested = adjust.Size.CpuCores;
                state.Resources[1].Requested = adjust.Size.MemoryGib;
                untilMs = (adjust.EventTime + adjust.HoldFor).UnixMilliseconds;
                break;
            case HoldRequest hold:
                state.Hold = HoldKind.Hold;
                untilMs = hold.Until.UnixMilliseconds;
                break;
            case RollbackRequest rollback:
                state.Hold = HoldKind.Rollback;
                ToLastGood(ref state);
                untilMs = (rollback.EventTime + options.RollbackHold).UnixMilliseconds;
                break;
            case ReleaseRequest:
                state.Hold = HoldKind.None;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request, "not a request of the closed set");
        }

        state.HeldUntilMs = untilMs;
        state.RequestPending = 1;
        // A person may try at once what the policy waits to try.
        state.RetryMs = VmState.Never;
        texts.RequestId = request.RequestId;
    }

    /// <summary>The last good size; where the VM has it already, the one before it.</summary>
    private static void ToLastGood(ref VmState state)
    {
        ref var cpu = ref state.Resources[0];
        ref var memory = ref state.Resources[1];
        var isThere = Granularity.IsSame(cpu.Observed, cpu.LastGood, cpu.Granularity)
            && Granularity.IsSame(memory.Observed, memory.LastGood, memory.Granularity);
        cpu.Requested = isThere ? cpu.PreviousGood : cpu.LastGood;
        memory.Requested = isThere ? memory.PreviousGood : memory.LastGood;
    }
}
