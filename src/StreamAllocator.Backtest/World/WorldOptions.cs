using StreamAllocator.Domain;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Backtest.World;

/// <summary>Which VMs a world holds, and how it keeps time with the allocator.</summary>
public sealed record WorldOptions
{
    public required Topics Topics { get; init; }

    /// <summary>Its partition of <c>pool-inputs</c> and of <c>telemetry</c>.</summary>
    public int Partition { get; init; }

    public int PoolPartitions { get; init; } = 1;

    /// <summary>All VMs that exist; it takes those whose pool is in its partition. A VM of the feed that is not listed stays silent.</summary>
    public required IReadOnlyList<VmSpec> Vms { get; init; }

    /// <summary>Distance of the heartbeats, the execute task's cadence; whole time steps of the feed.</summary>
    public TimeSpan Cadence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Usage is what the allocation lets through of a hidden demand. Otherwise the feed is usage, as recorded.</summary>
    public bool ClosedLoop { get; init; }

    /// <summary>Heartbeats that it may be ahead of the execute task's tick. 0 is lock-step, which a closed loop needs.</summary>
    public int MaxAhead { get; init; }

    /// <summary>Everything wrong with the options, each with what was found and what was expected.</summary>
    public IEnumerable<string> Violations()
    {
        if (PoolPartitions < 1 || Partition < 0 || Partition >= PoolPartitions)
            yield return FormattableString.Invariant($"pool partition {Partition} of {PoolPartitions}: expected 0 to one less than their number");
        if (Cadence < TimeSpan.FromSeconds(1) || Cadence.Ticks % TimeSpan.TicksPerMillisecond != 0)
            yield return FormattableString.Invariant($"cadence {Cadence}: expected whole milliseconds, 1 second or more");
        if (MaxAhead < 0 || (ClosedLoop && MaxAhead > 0))
            yield return FormattableString.Invariant($"{MaxAhead} heartbeats ahead: expected 0 or more, and 0 in a closed loop");
        foreach (var violation in Vms.SelectMany(vm => vm.Violations()))
            yield return violation;
    }
}
