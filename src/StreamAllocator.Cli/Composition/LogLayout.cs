using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// How many partitions an allocator's topics have. A log that has them says so itself; what the settings say is for one that has none yet.
/// </summary>
/// <param name="Outputs">Of the topics that are written by VM; <c>vm-inputs</c> has as many until its own are raised.</param>
internal sealed record LogLayout(Lineage VmInputs, int Outputs, int Pools)
{
    /// <summary>Reads it, and creates the topics that are missing.</summary>
    /// <exception cref="LogException">The topics do not fit together; says which, and what to do.</exception>
    public static LogLayout Of(IEventLog log, Topics topics, AllocatorOptions told)
    {
        var layout = Find(log, topics, told);
        if (layout.Problem(topics, log.Topics()) is { } problem)
            throw new LogException(problem);
        log.CreateTopics(topics.All(layout.VmInputs.Partitions, layout.Pools, layout.Outputs));
        return layout;
    }

    /// <summary>Reads it as far as it is there.</summary>
    public static LogLayout Find(IEventLog log, Topics topics, AllocatorOptions told)
    {
        var partitions = log.Topics().ToDictionary(topic => topic.Name, topic => topic.Partitions, StringComparer.Ordinal);
        var inputs = partitions.GetValueOrDefault(topics.VmInputs, told.VmPartitions);
        return new LogLayout(
            new LineageTopic(log, topics).Read() ?? Lineage.Of(inputs),
            partitions.GetValueOrDefault(topics.Features, inputs),
            partitions.GetValueOrDefault(topics.PoolInputs, told.PoolPartitions));
    }

    public AllocatorOptions ApplyTo(AllocatorOptions told) => told with { VmPartitions = VmInputs.Partitions, VmOutputPartitions = Outputs, PoolPartitions = Pools };

    /// <summary>What does not fit together among the topics that exist, and what to do; null where all does.</summary>
    public string? Problem(Topics topics, IReadOnlyList<TopicSpec> existing)
    {
        var found = existing.FirstOrDefault(topic => topic.Name == topics.VmInputs)?.Partitions ?? VmInputs.Partitions;
        if (found < VmInputs.Partitions)
        {
            return $"topic {topics.VmInputs} has {found} partitions and is being given {VmInputs.Partitions}: run 'topics grow --vm-partitions {VmInputs.Partitions}' again "
                + $"to finish that, or 'topics grow --vm-partitions {found}' to give it up";
        }

        var first = VmInputs.Former.Count > 0 ? VmInputs.Former[0].Count : VmInputs.Partitions;
        return found == VmInputs.Partitions && first == Outputs
            ? null
            : $"topic {topics.VmInputs} has {found} partitions, {topics.Features} has {Outputs}, and {topics.Lineage} tells of "
                + $"{string.Join(", then ", VmInputs.Former.Select(ends => ends.Count).Append(VmInputs.Partitions))}: 'topics grow' alone may raise them, or VMs would lose their state";
    }
}
