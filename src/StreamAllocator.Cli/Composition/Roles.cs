using StreamAllocator.Ingest;
using StreamAllocator.Ingest.Requests;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Decide;
using StreamAllocator.Pipeline.Execution;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Training;
using StreamAllocator.Windowing;

namespace StreamAllocator.Cli.Composition;

/// <summary>The parts of the allocator, each with the topic that it folds.</summary>
/// <param name="lineage">Of <c>vm-inputs</c>; null where its partitions were never raised.</param>
internal sealed class Roles(AllocatorOptions told, Topics topics, Lineage? lineage = null)
{
    private readonly AllocatorOptions _options = told.Resolved();

    /// <summary>Changes with every release that changes a fold: an older snapshot is then rebuilt from the log.</summary>
    private readonly string _fingerprint = FormattableString.Invariant(
        $"9/{told.PoolPartitions}/{told.Train}/{told.Predict.Windows.Size.TotalSeconds}");

    /// <summary>Of a driven run: telemetry alone, since the inventory is there from the start.</summary>
    public Role Ingest() => New("ingest", topics.Telemetry, partition =>
        new TelemetryIngestTask(topics, partition, _options.PoolPartitions, _options.VmPartitions, _options.Ingest));

    /// <summary>Of a live run: all topics from outside.</summary>
    public Role LiveIngest(AllocatorMetrics? metrics = null) => IngestRole.Create(
        topics, _options.Ingest, _options.VmPartitions, _options.PoolPartitions, _options.Predict.SourceLagWindows ?? WindowBank.OpenWindows - 2,
        metrics: metrics);

    /// <summary>What people ask for through the API.</summary>
    public Role Requests() => New("requests", topics.Requests, _ => new RequestIngestTask(topics, _options.PoolPartitions, _options.Ingest));

    public Role Predict() => New("predict", topics.VmInputs, partition =>
        new PredictTask(_options.Predict, topics, partition, _options.VmPartitions, _options.PoolPartitions, _options.VmOutputPartitions)) with
    {
        Lineage = lineage ?? Lineage.Of(_options.VmPartitions),
    };

    public Role Decide() => New("decide", topics.PoolInputs, partition =>
        new DecideTask(_options.Decide, topics, partition, _options.PoolPartitions, _options.VmOutputPartitions));

    /// <param name="live">The log of a live run, from which an executor reads back what it has done; null where decide's ticks drive it.</param>
    public Role Execute(Func<int, IHypervisor> hypervisor, IEventLog? live) => New("execute", topics.Commands, partition =>
        new ExecuteTask(
            new ExecuteOptions
            {
                Topics = topics,
                Partition = partition,
                PoolPartitions = _options.PoolPartitions,
                VmPartitions = _options.VmPartitions,
                AllocationPartitions = _options.VmOutputPartitions,
                Cadence = _options.Predict.Windows.Size,
                TickEvery = _options.Ingest.Cadence,
                Live = live is not null,
                RunId = _options.Decide.RunId,
            },
            hypervisor(partition),
            live));

    /// <param name="log">Keeps the features that the trainer reads back.</param>
    public Role Train(IEventLog log) => New("train", topics.Retraining, _ =>
        new TrainTask(_options.Training, topics, log, _options.VmPartitions, _options.VmOutputPartitions));

    public Role World(Func<int, ITask> world) => New("world", topics.PoolInputs, world);

    /// <summary>Instead of executors, where a run ends before them.</summary>
    public Role Pacemaker() => New("pacemaker", topics.VmInputs, partition => new Pacemaker(topics, _options, partition));

    private Role New(string group, string topic, Func<int, ITask> create) =>
        new(topics.Group(group), [topic], partition => create(partition.Partition), $"{group}/{_fingerprint}");
}
