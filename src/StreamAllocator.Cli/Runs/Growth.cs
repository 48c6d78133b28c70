using StreamAllocator.Cli.Composition;
using StreamAllocator.Ingest;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Cli.Runs;

/// <summary>
/// Raises the number of partitions of <c>vm-inputs</c> while nobody writes to it. No record moves: what the log holds is folded to its end, the
/// lineage notes where each partition ended, and new ones are added. Their tasks begin with the state of what they came of. A lineage that names
/// more partitions than there are is a growth that was broken off: the allocator does not start, and the same command again finishes it.
/// </summary>
/// <param name="allocator">As it ran.</param>
internal sealed class Growth(IEventLog log, Topics topics, AllocatorOptions allocator, ISnapshots? snapshots)
{
    private const string Member = "growth";

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly LineageTopic _lineage = new(log, topics);

    /// <summary>How long a member that is gone may still count: longer than its session.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Those whose tasks write to <c>vm-inputs</c> or fold it.</summary>
    private IEnumerable<string> Groups => [topics.Group(IngestRole.Group), topics.Group("predict"), topics.Group("execute"), topics.Group("train")];

    /// <returns>How many there were before; as many as asked for where nothing was to be done.</returns>
    /// <exception cref="LogException">It cannot be done, or not now; says why and what to do. What was begun can be finished or given up later.</exception>
    public int Raise(int partitions, CancellationToken cancellation)
    {
        var found = log.Topics().FirstOrDefault(topic => topic.Name == topics.VmInputs)?.Partitions
            ?? throw new LogException($"topic {topics.VmInputs} does not exist: 'topics create' makes it with any number of partitions");
        var noted = _lineage.Read() ?? Lineage.Of(found);
        var before = noted.Partitions > found && noted.Former.Count > 0 ? noted.Before() : noted;
        if (before.Partitions != found)
            throw new LogException($"topic {topics.VmInputs} has {found} partitions, and {topics.Lineage} tells of {noted.Partitions}: somebody else has raised them, and VMs lost their state");
        if (partitions == found)
        {
            if (noted != before)
                _lineage.Write(before);
            return found;
        }

        if (partitions < found || partitions % found != 0)
            throw new LogException($"topic {topics.VmInputs} has {found} partitions, {partitions} were asked for: expected a multiple of {found}, so that each partition comes of one");
        AwaitNobody(cancellation);
        Fold(before, cancellation);
        var ends = Ends(found);
        log.CreateTopics([.. topics.All(found, 1).Where(topic => topic.Name == topics.Lineage)]);
        _lineage.Write(before.Raised(partitions, ends));

        // From here on none starts. One that had started meanwhile is seen now.
        AwaitNobody(cancellation);
        if (!IsFolded() || !Ends(found).SequenceEqual(ends))
            throw new LogException($"topic {topics.VmInputs} was written to meanwhile: stop every 'run', then run this again");
        log.AddPartitions(topics.VmInputs, partitions);
        return found;
    }

    private List<long> Ends(int partitions) =>
        [.. Enumerable.Range(0, partitions).Select(partition => log.Committed(topics.Group("predict"), new TopicPartition(topics.VmInputs, partition)) ?? 0)];

    private bool IsFolded()
    {
        using var check = new FoldedCheck(log, [(topics.Group("predict"), topics.VmInputs)]);
        return check.IsFolded();
    }

    /// <summary>What was written when the allocator stopped, and not folded any more.</summary>
    private void Fold(Lineage lineage, CancellationToken cancellation)
    {
        if (IsFolded())
            return;
        var options = new LogLayout(lineage, allocator.VmOutputPartitions, allocator.PoolPartitions).ApplyTo(allocator);
        using var shard = new Shard(log, new Roles(options, topics, lineage).Predict(), Member, new ShardOptions { PollWait = PollWait }, snapshots);
        while (shard.RunOnce() || !IsFolded())
            cancellation.ThrowIfCancellationRequested();
        shard.Drain();
    }

    private void AwaitNobody(CancellationToken cancellation)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (Groups.SelectMany(group => log.Members(group).Where(member => member != Member).Select(member => $"{member} of group {group}")).ToList() is { Count: > 0 } members)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new LogException($"the allocator is running ({string.Join(", ", members)}): stop every 'run' first");
            cancellation.WaitHandle.WaitOne(Look);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
