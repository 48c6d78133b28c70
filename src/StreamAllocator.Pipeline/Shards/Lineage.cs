using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// How the partitions of an input topic came about. Where their number is raised to a multiple, the keys of a partition are dealt out among
/// itself and new ones, and its records stay where they are: what came before is found in what each partition came of, up to where that ended then.
/// <code>
///   of 2   0 ──────────┤a        1 ─────┤b
///   of 4   0   a├────►  2 ────►  1   b├────►  3 ────►        3 = what 1 held before b, of it the keys of 3; then its own
/// </code>
/// </summary>
/// <param name="Partitions">How many there are; while the number is being raised, how many there will be.</param>
/// <param name="Former">For each number that they had before, oldest first, the offset at which each partition ended.</param>
public sealed record Lineage(int Partitions, IReadOnlyList<IReadOnlyList<long>> Former)
{
    /// <summary>Of a topic whose partitions were never raised.</summary>
    public static Lineage Of(int partitions) => new(partitions, []);

    /// <summary>The partitions raised to another number, those of now ended.</summary>
    public Lineage Raised(int partitions, IReadOnlyList<long> ends) => new(partitions, [.. Former, ends]);

    /// <summary>Before the last raise.</summary>
    public Lineage Before() => new(Former[^1].Count, [.. Former.SkipLast(1)]);

    /// <summary>Where a partition's records are, one after the other. The last goes on; its end is <see cref="long.MaxValue"/>.</summary>
    public IEnumerable<LineageSpan> Spans(TopicPartition partition)
    {
        var from = 0L;
        for (var epoch = 0; epoch <= Former.Count; epoch++)
        {
            var count = epoch < Former.Count ? Former[epoch].Count : Partitions;
            var source = partition.Partition % count;
            // One that the raise made begins with its first record, one that was there where it ended.
            if (epoch > 0)
                from = source < Former[epoch - 1].Count ? Former[epoch - 1][source] : 0;
            yield return new LineageSpan(new TopicPartition(partition.Topic, source), count, from, epoch < Former.Count ? Former[epoch][source] : long.MaxValue);
        }
    }
}

/// <param name="Partitions">How many its topic had then.</param>
/// <param name="From">Its first offset, or one before that.</param>
/// <param name="To">The offset after its last.</param>
public readonly record struct LineageSpan(TopicPartition Source, int Partitions, long From, long To);
