using StreamAllocator.Domain;

namespace StreamAllocator.Server.Contract;

/// <summary>What was asked of a hypervisor, and what was read back from it.</summary>
/// <param name="Revision">Of the command; 0 where the size was only looked at.</param>
public sealed record AllocationAnswer(
    string VmId,
    string PoolId,
    long Revision,
    SizeAnswer Requested,
    SizeAnswer Observed,
    AllocationOutcome Outcome,
    RefusalCause? Refusal,
    string? HostId,
    DateTime RequestedAt,
    DateTime ObservedAt,
    string? Detail)
{
    public static AllocationAnswer Of(Allocation allocation) => new(
        allocation.VmId,
        allocation.PoolId,
        allocation.Revision,
        SizeAnswer.Of(allocation.Requested),
        SizeAnswer.Of(allocation.Observed),
        allocation.Outcome,
        allocation.Refusal == RefusalCause.None ? null : allocation.Refusal,
        Json.Text(allocation.HostId),
        Json.Time(allocation.RequestedAt),
        Json.Time(allocation.ObservedAt),
        Json.Text(allocation.Detail));
}
