using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>A part of the allocator that shards carry out: which topics it folds, by which tasks.</summary>
/// <param name="Group">Consumer group; its members share the partitions.</param>
/// <param name="Topics">Input topics: every partition of each is one task.</param>
/// <param name="Create">An empty task for an input partition.</param>
/// <param name="Fingerprint">Of the fold and its topology: a snapshot of another one is not used. Where there is a lineage, its number of partitions is added to it.</param>
public sealed record Role(string Group, IReadOnlyCollection<string> Topics, Func<TopicPartition, ITask> Create, string Fingerprint)
{
    /// <summary>Those of the topics that a shard reads up before it begins with the others: what a sample is about must be known before it.</summary>
    public IReadOnlyCollection<string> First { get; init; } = [];

    /// <summary>Of its input topic, where the tasks' states depend on its partitions; null where partitions are never raised.</summary>
    public Lineage? Lineage { get; init; }

    /// <summary>Live, the sources of a topic keep pace with each other, those of other shards and processes included; null where they need not.</summary>
    public PaceOptions? Pace { get; init; }
}
