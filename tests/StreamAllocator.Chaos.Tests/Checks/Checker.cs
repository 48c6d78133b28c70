using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Chaos.Tests.Checks;

/// <summary>All that must hold of a finished run, whatever was killed in it.</summary>
/// <param name="options">Those that it ran with.</param>
internal sealed class Checker(AllocatorOptions options, Topics topics)
{
    /// <param name="vms">The inventory.</param>
    /// <param name="published">In the order of publication.</param>
    /// <param name="answeredUntilMs">Commands issued later than this may still be under way.</param>
    public IReadOnlyList<Finding> Check(IReadOnlyCollection<string> vms, IReadOnlyList<PublishedSample> published, Transcript log, long answeredUntilMs)
    {
        var inWindows = new List<PublishedSample>();
        return
        [
            .. new SampleCheck(topics, options.VmPartitions).Check(published, log, inWindows),
            .. new WindowCheck(topics, options.Predict.Windows.Size).Check(vms, inWindows, log),
            .. new FoldCheck(topics, new Roles(options with { Train = true }, topics), options.VmPartitions).Check(log),
            .. new CommandCheck(topics, options.VmPartitions).Check(log, answeredUntilMs),
            .. KeysInOnePartition(log),
        ];
    }

    private IEnumerable<Finding> KeysInOnePartition(Transcript log) =>
        from topic in new[] { topics.Features, topics.Forecasts, topics.ForecastErrors, topics.Decisions }
        from partition in log.Of(topic)
        from key in partition.Records.Select(record => record.Key).Distinct()
        where StableHash.Partition(key, options.VmPartitions) != partition.Partition
        select new Finding(Harm.Wrong, 1, $"{topic}: {key} in partition {partition.Partition}");
}
