namespace StreamAllocator.Server.Contract;

/// <summary>A request of a person and what became of it.</summary>
/// <param name="VmId">The VM meant; null where the whole pool is meant.</param>
/// <param name="Size">adjust: the absolute size asked for.</param>
/// <param name="Decision">The decision that answers it; null until then.</param>
/// <param name="Allocation">What came of the decision's command; null until then, and where there was no command.</param>
public sealed record RequestAnswer(
    string RequestId,
    RequestKindAnswer Kind,
    RequestStatus Status,
    string? VmId,
    string? PoolId,
    string RequestedBy,
    DateTime EventTime,
    SizeAnswer? Size,
    double? HoldForSeconds,
    DecisionAnswer? Decision,
    AllocationAnswer? Allocation);

public enum RequestKindAnswer
{
    Adjust,
    Hold,
    Release,
    Rollback,
}

public enum RequestStatus
{
    /// <summary>Written; no decision answers it yet, or an earlier command has to be read back first.</summary>
    Accepted,

    /// <summary>A decision answers it; its command has not been read back yet.</summary>
    Decided,

    /// <summary>Answered by a decision without a command, or the command was read back, whatever its outcome.</summary>
    Completed,
}
