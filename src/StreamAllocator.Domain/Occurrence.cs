namespace StreamAllocator.Domain;

/// <summary>One dated event of a schedule.</summary>
/// <param name="VmId">Whom it concerns: a VM, a job class or a pool; the others are empty. All empty: everyone.</param>
/// <param name="Name">Events of one name are alike.</param>
public sealed record Occurrence(
    string ScheduleId, string Name, string VmId, string JobClass, string PoolId, EventTime Start, TimeSpan Duration)
{
    public bool Concerns(VmSpec vm) =>
        (VmId.Length == 0 || VmId == vm.VmId)
        && (JobClass.Length == 0 || JobClass == vm.JobClass)
        && (PoolId.Length == 0 || PoolId == vm.PoolId);
}
