using StreamAllocator.Schemas;

namespace StreamAllocator.History.Points;

/// <summary><c>allocation</c> (vm_id, pool_id, outcome): what was asked for and the size that was read back, at the time of the read-back.</summary>
internal static class AllocationPoints
{
    public static void Append(Allocation allocation, long sequence, List<string> lines)
    {
        var point = new Point("allocation")
            .Tag(Names.VmId, allocation.VmId).Tag(Names.PoolId, allocation.PoolId).Tag("outcome", Names.Of(allocation.Outcome))
            .Field("revision", (long)allocation.Revision)
            .Field("latency_seconds", (allocation.ObservedMs - allocation.RequestedMs) / 1000.0)
            .Field("host_id", allocation.HostId)
            .Field("detail", allocation.Detail);
        if (allocation.Refusal != RefusalCause.Unspecified)
            point.Field("refusal", Names.Of(allocation.Refusal));
        Sizes.Append(point, "requested", allocation.Requested);
        Sizes.Append(point, "observed", allocation.Observed);
        point.At(allocation.ObservedMs, lines, sequence);
    }
}
