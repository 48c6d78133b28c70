namespace StreamAllocator.Domain;

/// <summary>What a person asked for. A closed set: adjust, hold, release, rollback.</summary>
/// <param name="RequestId">1–200 printable characters; the decision that answers it names it.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="EventTime">When it was asked.</param>
public abstract record ControlRequest(string RequestId, string RequestedBy, EventTime EventTime)
{
    /// <summary>The VM meant; empty where the whole pool is meant.</summary>
    public string VmId { get; init; } = "";

    /// <summary>The pool meant (hold, release, rollback); empty where a single VM is meant.</summary>
    public string PoolId { get; init; } = "";

    /// <summary>Everything wrong with it, each with what was found and what was expected; empty if it is valid.</summary>
    public virtual IEnumerable<string> Violations()
    {
        if (!Identifier.IsValid(RequestId))
            yield return $"request_id '{RequestId}': expected {Identifier.Expected}";
        if (VmId.Length == 0 == (PoolId.Length == 0))
            yield return $"vm_id '{VmId}', pool_id '{PoolId}': expected exactly one of them";
        else if (!Identifier.IsValid(VmId.Length == 0 ? PoolId : VmId))
            yield return $"vm_id '{VmId}', pool_id '{PoolId}': expected {Identifier.Expected}";
    }

    private protected static string? HoldForViolation(TimeSpan holdFor) => holdFor < TimeSpan.Zero || holdFor > LongestHold
        ? $"hold_for {holdFor}: expected 0 to {LongestHold.TotalDays} days"
        : null;

    /// <summary>Longest time that the policy may be kept away by one request.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromDays(366);
}

/// <summary>Sets one VM to an absolute size, within its bounds and a permit of its pool, and keeps the policy away for a while.</summary>
public sealed record AdjustRequest(string RequestId, string RequestedBy, EventTime EventTime, VmSize Size, TimeSpan HoldFor)
    : ControlRequest(RequestId, RequestedBy, EventTime)
{
    public override IEnumerable<string> Violations()
    {
        foreach (var violation in base.Violations())
            yield return violation;
        if (VmId.Length == 0)
            yield return "vm_id '': an adjustment is of one VM";
        if (Size.CpuCores <= 0 || Size.MemoryGib <= 0)
            yield return $"size {Size}: expected more than 0 of each";
        if (HoldForViolation(HoldFor) is { } wrong)
            yield return wrong;
    }
}

/// <summary>Keeps a VM or a pool at its sizes until <see cref="Until"/>.</summary>
public sealed record HoldRequest(string RequestId, string RequestedBy, EventTime EventTime, TimeSpan HoldFor)
    : ControlRequest(RequestId, RequestedBy, EventTime)
{
    public EventTime Until => EventTime + HoldFor;

    public override IEnumerable<string> Violations()
    {
        foreach (var violation in base.Violations())
            yield return violation;
        if (HoldForViolation(HoldFor) is { } wrong)
            yield return wrong;
    }
}

/// <summary>Gives a VM or a pool back to the policy.</summary>
public sealed record ReleaseRequest(string RequestId, string RequestedBy, EventTime EventTime)
    : ControlRequest(RequestId, RequestedBy, EventTime);

/// <summary>Takes a VM, or every VM of a pool, back to its last good size.</summary>
public sealed record RollbackRequest(string RequestId, string RequestedBy, EventTime EventTime)
    : ControlRequest(RequestId, RequestedBy, EventTime);
