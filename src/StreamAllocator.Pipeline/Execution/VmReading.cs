using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>A VM as its hypervisor sees it.</summary>
/// <param name="Granularity">Smallest step of its size, more than 0.</param>
/// <param name="HostId">Where it runs; empty is unknown.</param>
/// <param name="Settled">Nothing is under way: without a new request the size stays.</param>
/// <param name="ChangedAt">Event time at which the size became this one, or the last request ended; unknown where nobody noted it.</param>
/// <param name="Detail">What happened to the last request, for people.</param>
public readonly record struct VmReading(
    VmSize Size, VmSize Granularity, string HostId, bool Settled, EventTime ChangedAt, string Detail = "")
{
    /// <summary>
    /// Equal within less than one step: a hypervisor rounds a target to its granularity, and a whole step apart is another size. The factor
    /// keeps a step that is not a binary fraction (0.01 cores) from counting as less than itself.
    /// </summary>
    public bool IsAt(VmSize size) =>
        Math.Abs(Size.CpuCores - size.CpuCores) < Granularity.CpuCores * 0.999
        && Math.Abs(Size.MemoryGib - size.MemoryGib) < Granularity.MemoryGib * 0.999;
}
