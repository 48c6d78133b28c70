using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.World;

/// <summary>What the VMs want (or, of a recording, what they used), step by step of event time. Belongs to one thread.</summary>
public interface IDemandFeed : IDisposable
{
    /// <summary>Nothing will come any more.</summary>
    bool Ended { get; }

    /// <summary>Name of the VM that a sample means.</summary>
    string VmId(int vm);

    /// <summary>Forgets what <see cref="TryRead"/> gave, or would have given, up to this time: a restored world goes on from here.</summary>
    void SkipTo(EventTime time);

    /// <summary>The next sample whose time step ends at or before <paramref name="until"/>; false if there is none.</summary>
    bool TryRead(EventTime until, ref DemandSample sample);
}

/// <summary>One interval of one VM in absolute units; NaN is missing.</summary>
public struct DemandSample
{
    /// <summary>Dense index within the feed.</summary>
    public int Vm { get; set; }

    /// <summary>End of the interval.</summary>
    public EventTime Time { get; set; }

    public TimeSpan Interval { get; set; }

    public double CpuCores { get; set; }

    public double CpuCoresMax { get; set; }

    public double MemoryGib { get; set; }

    public double DiskBytesPerSecond { get; set; }

    public double NetworkBytesPerSecond { get; set; }

    /// <summary>As recorded; not read in a closed loop, whose allocations are its own.</summary>
    public double CpuCoresAllocated { get; set; }

    public double MemoryGibAllocated { get; set; }

    /// <summary>Application metric, with its name; an empty name is none.</summary>
    public double Metric { get; set; }

    public string MetricName { get; set; }
}
