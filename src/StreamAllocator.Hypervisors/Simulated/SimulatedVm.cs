using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>A VM on simulated hosts. State: one thread.</summary>
internal sealed class SimulatedVm
{
    /// <summary>Place among all VMs, from 0: the order in which sums are taken.</summary>
    public required int Order { get; init; }

    public required string VmId { get; init; }

    public required string PoolId { get; init; }

    /// <summary>A host of the list or an offer; empty is the pool as a whole. <see cref="HostTable.Move"/> alone sets it.</summary>
    public string HostId { get; set; } = "";

    public required VmSize Size { get; set; }

    /// <summary>Newest revision that was begun.</summary>
    public long Revision { get; set; }

    public EventTime ChangedAt { get; set; } = EventTime.Unknown;

    public RequestEnd LastEnd { get; set; }

    /// <summary>Where it is moving to, with <see cref="Move"/>.</summary>
    public string Destination { get; set; } = "";

    public PendingChange Move;
    public PendingChange Cpu;
    public PendingChange Memory;

    public bool Settled => !Move.Active && !Cpu.Active && !Memory.Active;

    public ref PendingChange this[ChangeKind kind]
    {
        get
        {
            switch (kind)
            {
                case ChangeKind.Move:
                    return ref Move;
                case ChangeKind.Cpu:
                    return ref Cpu;
                default:
                    return ref Memory;
            }
        }
    }
}

/// <summary>Takes effect at <see cref="At"/>: the amount that the resource then has, as far as the host has it to give.</summary>
internal struct PendingChange
{
    public EventTime At;
    public double To;
    public RequestEnd End;
    public bool Active;
}

/// <summary>In the order in which changes of one VM at one time take effect.</summary>
internal enum ChangeKind
{
    Move = 0,
    Cpu = 1,
    Memory = 2,
}

internal enum RequestEnd
{
    Reached = 0,
    Failed = 1,
    StoppedHalfway = 2,
    HostFull = 3,
    Stalled = 4,
}
