using StreamAllocator.Domain;

namespace StreamAllocator.Server.Contract;

/// <summary>A VM: its inventory, its present size, what it used in the newest window, the newest decision about it.</summary>
/// <param name="Allocated">The size that was read back last; as provisioned where none was.</param>
/// <param name="AllocatedAt">Event time of that read-back; null where there was none.</param>
/// <param name="Revision">Of the command that was read back last, 0 where there was none.</param>
public sealed record VmAnswer(
    string VmId,
    string PoolId,
    Priority Priority,
    string TimeZone,
    string JobClass,
    SizeAnswer Provisioned,
    SizeAnswer Lower,
    SizeAnswer Upper,
    SizeAnswer Allocated,
    DateTime? AllocatedAt,
    long Revision,
    AllocationOutcome? Outcome,
    string? HostId,
    UsageAnswer? Usage,
    DateTime? ForecastOrigin,
    VmDecisionAnswer? LatestDecision);

/// <summary>The newest closed window [start, end). Null is missing.</summary>
public sealed record UsageAnswer(
    DateTime Start,
    DateTime End,
    float? CpuCores,
    float? CpuCoresMax,
    float? MemoryGib,
    float? MemoryGibMax,
    float? DiskBytesPerSecond,
    float? NetworkBytesPerSecond,
    bool CpuCensored,
    bool MemoryCensored);

/// <summary>The newest decision about a VM in short.</summary>
/// <param name="RequestId">The request that it answers, or that holds the VM.</param>
public sealed record VmDecisionAnswer(DateTime EventTime, DecisionKind Kind, DecisionReason Reason, SizeAnswer Target, string? RequestId);

/// <param name="Next">Where the list was cut: the value of <c>after</c> for the next part.</param>
public sealed record VmListAnswer(IReadOnlyList<VmAnswer> Vms, string? Next);
