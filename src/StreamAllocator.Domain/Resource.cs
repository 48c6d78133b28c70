namespace StreamAllocator.Domain;

/// <summary>The four resources a VM demands. The value is the index in every per-resource array.</summary>
public enum Resource
{
    /// <summary>Cores, fractions allowed.</summary>
    Cpu = 0,

    /// <summary>GiB (2^30 bytes).</summary>
    Memory = 1,

    /// <summary>Bytes per second, read + write.</summary>
    Disk = 2,

    /// <summary>Bytes per second, received + transmitted.</summary>
    Network = 3,
}

public static class Resources
{
    public const int Count = 4;

    /// <summary>CPU and memory, which an executor can resize; they come first.</summary>
    public const int ResizableCount = 2;

    public static readonly Resource[] All = [Resource.Cpu, Resource.Memory, Resource.Disk, Resource.Network];
}
