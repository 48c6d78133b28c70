namespace StreamAllocator.Decisions;

/// <summary>What is remembered of the pool as a whole.</summary>
internal struct PoolState
{
    public long HeldUntilMs;
    public string RequestId;
    public ChangeBudget Budget;

    public static PoolState New => new() { HeldUntilMs = VmState.Never, RequestId = "", Budget = ChangeBudget.Full };
}
