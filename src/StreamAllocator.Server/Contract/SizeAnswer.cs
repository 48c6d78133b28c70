using StreamAllocator.Domain;

namespace StreamAllocator.Server.Contract;

/// <summary>An amount of CPU and memory.</summary>
/// <param name="CpuCores">Cores, fractions allowed.</param>
/// <param name="MemoryGib">GiB (2^30 bytes).</param>
public sealed record SizeAnswer(double CpuCores, double MemoryGib)
{
    public static SizeAnswer Of(VmSize size) => new(size.CpuCores, size.MemoryGib);
}
