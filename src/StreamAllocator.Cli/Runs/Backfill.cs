using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Cli.Runs;

/// <summary>
/// Writes history into the log of an allocator that is not running, before anything that it has folded: telemetry, and what ingest makes of it,
/// driven by the history's own time; then folds it with the allocator's predict role. The groups of both stand behind it then. Deciding hears
/// nothing of it: there is nothing to decide about the past.
/// </summary>
/// <param name="allocator">As the allocator will run.</param>
/// <param name="lineage">Of <c>vm-inputs</c>; null where its partitions were never raised.</param>
internal sealed class Backfill(IEventLog log, Topics topics, AllocatorOptions allocator, Lineage? lineage, ISnapshots? snapshots)
{
    /// <summary>Between the end of the history and the present every window is closed as missing: longer than this, it is another time's history.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromDays(7);

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(200);

    /// <summary>How the history is told: as a replay's, on the allocator's own partitions and windows.</summary>
    public AllocatorOptions Driven { get; } = (AllocatorOptions.Driven("") with
    {
        VmPartitions = allocator.VmPartitions,
        VmOutputPartitions = allocator.VmOutputPartitions,
        PoolPartitions = allocator.PoolPartitions,
        Predict = allocator.Predict with { SourceLagWindows = null },
    }).Resolved();

    /// <exception cref="IOException">The history does not fit before what the log holds, or before now; says what would.</exception>
    public void Check(Fleet history, EventTime now)
    {
        if (history.End > now)
            throw new IOException($"the history ends at {history.End}: expected one that has ended by now, {now}");
        if (now - history.End > LongestGap)
        {
            throw new IOException(
                $"the history ends at {history.End}: expected at most {LongestGap.TotalDays} days before now, for every window since then would count as missing; "
                + "--ending dates a trace anew");
        }

        if (Folded() is { } folded && folded > history.Start)
            throw new IOException($"the log has folded all up to {folded}: history from {history.Start} would be late; expected a new log, or history from then on");
    }

    /// <param name="world">Tells the history, for each pool partition.</param>
    /// <param name="withInventory">The log has none: it gets the history's.</param>
    /// <param name="onProgress">Takes the share that is done.</param>
    /// <returns>Records written of each topic.</returns>
    public IReadOnlyDictionary<string, long> Write(
        Fleet history, Func<int, ITask> world, bool withInventory, Action<double> onProgress, CancellationToken cancellation)
    {
        string[] inventory = withInventory ? [topics.Vms, topics.Hosts, topics.Offers] : [];
        using var memory = new InMemoryLog(new InMemoryLogOptions { DropConsumed = true });
        memory.CreateTopics(topics.All(Driven.VmPartitions, Driven.PoolPartitions, keepAll: true));
        using var pour = new Pour(
            memory, log, topics.Group("backfill"), [topics.Telemetry, topics.VmInputs, topics.Late, topics.DeadLetter, .. inventory]);
        void Reached(EventTime time) => onProgress((time - history.Start) / (history.End - history.Start));
        var run = new DrivenRun(
            memory, topics, Driven, history, partition => new WatchedWorld(world(partition), Reached), seed: 1, shards: 1, new ShardOptions(), null, Stage.Ingest);
        run.Run(cancellation, () => pour.Flush());
        pour.Flush(all: true);
        LeaveTelemetryBehind(cancellation);
        return pour.Records;
    }

    /// <summary>Folds what was written as the allocator would, and takes the snapshots that it will begin with.</summary>
    /// <param name="onProgress">Takes the share that is done.</param>
    public void Fold(Action<double> onProgress, CancellationToken cancellation)
    {
        var inputs = Enumerable.Range(0, allocator.VmPartitions).Select(partition => new TopicPartition(topics.VmInputs, partition)).ToList();
        var total = Math.Max(1.0, inputs.Sum(log.EndOffset));
        var role = new Roles(allocator with { Train = true }, topics, lineage).Predict();
        var muted = role with { Create = partition => new MutedTask(role.Create(partition), topics.PoolInputs) };
        using var shard = new Shard(log, muted, "backfill", new ShardOptions { PollWait = PollWait }, snapshots);
        using var check = new FoldedCheck(log, role.Topics.Select(topic => (role.Group, topic)));
        while ((shard.RunOnce() || !check.IsFolded()) && !cancellation.IsCancellationRequested)
            onProgress(inputs.Sum(input => log.Committed(role.Group, input) ?? 0) / total);

        shard.Drain();
    }

    /// <summary>Time of the newest record that predict reads; null in a new log.</summary>
    private EventTime? Folded()
    {
        EventTime? newest = null;
        for (var partition = 0; partition < allocator.VmPartitions; partition++)
        {
            var source = new TopicPartition(topics.VmInputs, partition);
            var end = log.EndOffset(source);
            using var last = new Records.HistoryReader(log, source, Math.Max(log.BeginOffset(source), end - 1), end);
            if (last.Any() && (newest is null || last.Current.Time > newest))
                newest = last.Current.Time;
        }

        return newest;
    }

    /// <summary>Ingest goes on behind what was written: it has been routed.</summary>
    private void LeaveTelemetryBehind(CancellationToken cancellation)
    {
        var partitions = Enumerable.Range(0, allocator.PoolPartitions).Select(partition => new TopicPartition(topics.Telemetry, partition)).ToList();
        using var consumer = log.Join(topics.Group("ingest"), "backfill", [topics.Telemetry]);
        using var producer = log.OpenProducer(topics.Group("ingest-backfill"));
        using var batch = new RecordBatch();
        while (consumer.Assignment.Count < partitions.Count && !cancellation.IsCancellationRequested)
            consumer.Poll(batch, 1, PollWait);
        if (!cancellation.IsCancellationRequested)
            producer.Commit(consumer, [.. partitions.Select(partition => new PartitionOffset(partition, log.EndOffset(partition)))]);
    }
}
