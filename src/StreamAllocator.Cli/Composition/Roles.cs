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

namespace StreamAllocator.Cli.Composition;

/// <summary>The parts of the allocator, each with the topic that it folds.</summary>
internal sealed class Roles(AllocatorOptions options, Topics topics)
{
    /// <summary>Changes with every release that changes a fold: an older snapshot is then rebuilt from the log.</summary>
    private readonly string _fingerprint = $"3/{options.VmPartitions}/{options.PoolPartitions}/{options.Train}";

    public Role Ingest() => New("ingest", topics.Telemetry, partition =>
        new TelemetryIngestTask(topics, partition, options.PoolPartitions, options.VmPartitions, options.Ingest));

    /// <summary>What people ask for through the API.</summary>
    public Role Requests() => New("requests", topics.Requests, _ => new RequestIngestTask(topics, options.PoolPartitions, options.Ingest));

    public Role Predict() => New("predict", topics.VmInputs, partition =>
        new PredictTask(options.Predict with { ExpectTrainer = options.Train }, topics, partition, options.VmPartitions, options.PoolPartitions));

    public Role Decide() => New("decide", topics.PoolInputs, partition =>
        new DecideTask(options.Decide, topics, partition, options.PoolPartitions, options.VmPartitions));

    public Role Execute(Func<int, IHypervisor> hypervisor, bool live) => New("execute", topics.Commands, partition =>
        new ExecuteTask(
            new ExecuteOptions
            {
                Topics = topics,
                Partition = partition,
                PoolPartitions = options.PoolPartitions,
                VmPartitions = options.VmPartitions,
                Cadence = options.Predict.Windows.Size,
                Live = live,
                RunId = options.Decide.RunId,
            },
            hypervisor(partition)));

    /// <param name="log">Keeps the features that the trainer reads back.</param>
    public Role Train(IEventLog log) => New("train", topics.Retraining, _ =>
        new TrainTask(
            options.Training with { Window = options.Predict.Windows.Size, Initial = options.Predict.Forecast.Parameters },
            topics, log, options.VmPartitions));

    public Role World(Func<int, ITask> world) => New("world", topics.PoolInputs, world);

    private Role New(string group, string topic, Func<int, ITask> create) =>
        new(group, [topic], partition => create(partition.Partition), $"{group}/{_fingerprint}");
}
