namespace StreamAllocator.Pipeline.Execution;

/// <summary>Which commands an execute task answers, and by whose time.</summary>
public sealed record ExecuteOptions
{
    public required Topics Topics { get; init; }

    /// <summary>Its partition of <c>commands</c> and of <c>pool-inputs</c>.</summary>
    public int Partition { get; init; }

    public int PoolPartitions { get; init; } = 1;

    /// <summary>Of <c>vm-inputs</c>.</summary>
    public int VmPartitions { get; init; } = 1;

    /// <summary>Of <c>allocations</c>.</summary>
    public int AllocationPartitions { get; init; } = 1;

    /// <summary>Distance of the rounds of decide, driven that of its ticks; a request that has not ended after this time is reported as it stands.</summary>
    public TimeSpan Cadence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Live, distance of its ticks, to which their times are aligned: decide sees no farther than these.</summary>
    public TimeSpan TickEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time comes from the clock; otherwise decide's ticks drive it.</summary>
    public bool Live { get; init; }

    /// <summary>Commands of other runs are refused; empty is live.</summary>
    public string RunId { get; init; } = "";

    /// <summary>Everything wrong with the options, each with what was found and what was expected.</summary>
    public IEnumerable<string> Violations()
    {
        if (PoolPartitions < 1 || Partition < 0 || Partition >= PoolPartitions)
            yield return FormattableString.Invariant($"pool partition {Partition} of {PoolPartitions}: expected 0 to one less than their number");
        if (VmPartitions < 1 || AllocationPartitions < 1)
            yield return FormattableString.Invariant($"{VmPartitions} vm partitions, {AllocationPartitions} allocation partitions: expected 1 or more");
        if (Cadence < TimeSpan.FromSeconds(1) || Cadence.Ticks % TimeSpan.TicksPerMillisecond != 0)
            yield return FormattableString.Invariant($"cadence {Cadence}: expected whole milliseconds, 1 second or more");
        if (TickEvery < TimeSpan.FromSeconds(1) || TickEvery.Ticks % TimeSpan.TicksPerMillisecond != 0)
            yield return FormattableString.Invariant($"a tick every {TickEvery}: expected whole milliseconds, 1 second or more");
        if (Live && RunId.Length > 0)
            yield return $"run id '{RunId}' of a live executor: expected none";
    }
}
