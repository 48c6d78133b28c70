using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>Which sources of a role keep pace with each other, and how closely.</summary>
public sealed record PaceOptions
{
    /// <summary>Its partitions are the sources; the role folds each by an <see cref="Tasks.IPacedTask"/>.</summary>
    public required string Topic { get; init; }

    /// <summary>A partition that hears the ticks of all of them (field 15 of its records).</summary>
    public required TopicPartition Ticks { get; init; }

    /// <summary>As what they tick there.</summary>
    public required TickSource Source { get; init; }

    public required TimeSpan Window { get; init; }

    /// <summary>Windows that a source may be ahead of the slowest, 1 or more. Downstream must keep open two more, and as many as one record spans.</summary>
    public required int LeadWindows { get; init; }

    /// <summary>A source more windows behind than this is given up downstream: waiting for it would help nobody.</summary>
    public required int LagWindows { get; init; }

    /// <summary>Nobody waits for a source that has not moved for so long.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);
}
