using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Traces;

/// <summary>One sample of one VM in absolute units; NaN where the source has no such value.</summary>
public struct TraceRow
{
    /// <summary>Dense index of the VM, in order of first appearance: the key of <see cref="VmNames"/>.</summary>
    public int Vm { get; internal set; }

    /// <summary>Epoch seconds, the end of the sample's interval.</summary>
    public long TimestampSeconds { get; internal set; }

    public double CpuCores { get; internal set; }

    /// <summary>Maximum within the interval, cores.</summary>
    public double CpuCoresMax { get; internal set; }

    public double MemoryGib { get; internal set; }

    /// <summary>Read + write; one of them where the other is blank.</summary>
    public double DiskBytesPerSecond { get; internal set; }

    /// <summary>Received + transmitted; one of them where the other is blank.</summary>
    public double NetworkBytesPerSecond { get; internal set; }

    public double CpuCoresAllocated { get; internal set; }

    /// <summary>Exactly 1 throughout a series means that its memory is a fraction.</summary>
    public double MemoryGibAllocated { get; internal set; }

    /// <summary>Application metric of the generic layout, in its own unit.</summary>
    public double Metric { get; internal set; }

    public readonly EventTime Time => EventTime.FromUnixSeconds(TimestampSeconds);

    public readonly double this[Resource resource] => resource switch
    {
        Resource.Cpu => CpuCores,
        Resource.Memory => MemoryGib,
        Resource.Disk => DiskBytesPerSecond,
        Resource.Network => NetworkBytesPerSecond,
        _ => throw new ArgumentOutOfRangeException(nameof(resource), resource, "expected a resource of this enum"),
    };
}
