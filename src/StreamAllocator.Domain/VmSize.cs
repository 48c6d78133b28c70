namespace StreamAllocator.Domain;

/// <summary>An allocation: what a VM is granted. CPU in cores (fractions allowed), memory in GiB; both finite and not negative.</summary>
public readonly record struct VmSize
{
    public VmSize(double cpuCores, double memoryGib)
    {
        if (!double.IsFinite(cpuCores) || cpuCores < 0)
            throw new ArgumentOutOfRangeException(nameof(cpuCores), cpuCores, "cores: expected a finite number, 0 or more");
        if (!double.IsFinite(memoryGib) || memoryGib < 0)
            throw new ArgumentOutOfRangeException(nameof(memoryGib), memoryGib, "GiB: expected a finite number, 0 or more");
        CpuCores = cpuCores;
        MemoryGib = memoryGib;
    }

    public double CpuCores { get; }

    public double MemoryGib { get; }

    public double this[Resource resource] => resource switch
    {
        Resource.Cpu => CpuCores,
        Resource.Memory => MemoryGib,
        _ => throw new ArgumentOutOfRangeException(nameof(resource), resource, "only CPU and memory have a size"),
    };

    public static VmSize Max(VmSize left, VmSize right) =>
        new(Math.Max(left.CpuCores, right.CpuCores), Math.Max(left.MemoryGib, right.MemoryGib));

    public static VmSize Min(VmSize left, VmSize right) =>
        new(Math.Min(left.CpuCores, right.CpuCores), Math.Min(left.MemoryGib, right.MemoryGib));

    public override string ToString() => FormattableString.Invariant($"{CpuCores:0.###} cores, {MemoryGib:0.###} GiB");
}
