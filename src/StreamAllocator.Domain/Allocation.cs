namespace StreamAllocator.Domain;

/// <summary>What was asked of a hypervisor, and what was read back from it.</summary>
/// <param name="Revision">Of the command that it answers; 0 where the size was only looked at (discovery, a foreign change).</param>
/// <param name="Requested">Target of the command; equal to <paramref name="Observed"/> where revision is 0.</param>
/// <param name="Observed">The size that the VM really has.</param>
/// <param name="HostId">Where the VM runs, or the offer it was placed on; empty is unknown.</param>
/// <param name="RequestedAt">Event time of the command.</param>
/// <param name="ObservedAt">Event time of the read-back, not before <paramref name="RequestedAt"/>.</param>
/// <param name="Refusal">Why it was refused; none for every other outcome.</param>
/// <param name="Detail">For people.</param>
public sealed record Allocation(
    string VmId,
    string PoolId,
    long Revision,
    VmSize Requested,
    VmSize Observed,
    AllocationOutcome Outcome,
    string HostId,
    EventTime RequestedAt,
    EventTime ObservedAt,
    RefusalCause Refusal = RefusalCause.None,
    string Detail = "")
{
    public TimeSpan Latency => ObservedAt - RequestedAt;

    /// <summary>Everything wrong with it, each with what was found and what was expected; empty if it is valid.</summary>
    public IEnumerable<string> Violations()
    {
        if (!Identifier.IsValid(VmId))
            yield return $"vm_id '{VmId}': expected {Identifier.Expected}";
        if (!Identifier.IsValid(PoolId))
            yield return $"pool_id '{PoolId}': expected {Identifier.Expected}";
        if (Revision < 0)
            yield return FormattableString.Invariant($"revision {Revision}: expected 0 or more");
        if (ObservedAt < RequestedAt)
            yield return $"observed at {ObservedAt}: expected not before {RequestedAt}, when it was requested";
        if (Outcome == AllocationOutcome.Refused != (Refusal != RefusalCause.None))
            yield return $"outcome {Outcome}, refusal {Refusal}: expected a cause with a refusal, and only there";
    }
}

/// <summary>How a command ended. The values are those of the wire.</summary>
public enum AllocationOutcome
{
    Applied = 1,

    /// <summary>The size moved, but not to the target.</summary>
    Partial = 2,

    Failed = 3,

    /// <summary>Its time was over before it could be applied.</summary>
    Expired = 4,

    Refused = 5,

    /// <summary>It would have been applied.</summary>
    DryRun = 6,
}

/// <summary>Why an executor refused a command. The values are those of the wire.</summary>
public enum RefusalCause
{
    None = 0,

    /// <summary>A newer or equal revision was seen already.</summary>
    StaleRevision = 1,

    /// <summary>The deciding task has been replaced.</summary>
    StaleFence = 2,

    /// <summary>The VM does not have the size that the decision took for granted.</summary>
    UnexpectedSize = 3,

    /// <summary>The command belongs to a replay.</summary>
    ForeignRun = 4,

    /// <summary>The executor does not know the VM.</summary>
    UnknownVm = 5,
}
