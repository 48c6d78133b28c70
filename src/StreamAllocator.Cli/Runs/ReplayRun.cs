using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Output;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Cli.Runs;

/// <summary>History through the production code, as fast as it goes, into topics of its own.</summary>
internal sealed record ReplayRun
{
    public required string RunId { get; init; }

    public Stage Until { get; init; } = Stage.Allocations;

    public ShardOptions Shard { get; init; } = new();

    public int Shards { get; init; } = 1;

    /// <summary>Each shard as a graph on a thread of its own, as <c>run</c> does.</summary>
    public bool AsGraphs { get; init; }

    /// <summary>Of the simulated hosts.</summary>
    public ulong Seed { get; init; } = 1;

    public Topics Topics => new(Topics.ForRun(RunId));

    public AllocatorOptions Options => AllocatorOptions.Driven(RunId).Resolved();

    /// <param name="into">Takes the run's topics.</param>
    /// <param name="history">What is replayed, in words: a run that was broken off goes on with the same only.</param>
    /// <param name="world">Tells the history, for each pool partition.</param>
    /// <param name="export">Takes the output topics, or null.</param>
    /// <returns>Of each output topic its name without the prefix, the records with a key, and the SHA-256 of them; null if it was cancelled.</returns>
    public async Task<IReadOnlyList<(string Topic, long Records, string Digest)>?> Execute(
        IEventLog into, ISnapshots? snapshots, string history, Fleet fleet, Func<int, ITask> world, DirectoryInfo? export, CancellationToken cancellation)
    {
        using var digest = new RunDigest(Topics, Until);
        using var exported = export is null ? null : new TopicExport(export, ExportedTopics(digest));
        into.CreateTopics(Topics.All(Options.VmPartitions, Options.PoolPartitions, keepAll: true));
        if (into is InMemoryLog memory)
            TapOutputs(memory, digest, exported, ExportedTopics(digest));
        await ProgressBar.Show("replaying", progress =>
        {
            void Reached(EventTime time) => progress((time - fleet.Start) / (fleet.End - fleet.Start));
            var run = new DrivenRun(
                into, Topics, Options, fleet, partition => new WatchedWorld(world(partition), Reached), Seed, Shards, Shard, snapshots, Until, $"{history}, until {Until}, seed {Seed}");
            return AsGraphs ? run.RunAsGraphs(cancellation) : Task.Run(() => run.Run(cancellation), CancellationToken.None);
        });
        if (into is not InMemoryLog)
        {
            exported?.AddAll(into, cancellation);
            digest.AddAll(into, cancellation);
        }

        exported?.Close();
        return cancellation.IsCancellationRequested ? null : [.. digest.Results()];
    }

    /// <summary>How samples are packed into <c>vm-inputs</c> depends on the batches: they can be looked at, and have no digest.</summary>
    private IEnumerable<string> ExportedTopics(RunDigest digest) => Until == Stage.Ingest ? digest.TopicNames.Prepend(Topics.VmInputs) : digest.TopicNames;

    /// <summary>Outputs are digested as they pass, and kept nowhere.</summary>
    private static void TapOutputs(InMemoryLog log, RunDigest digest, TopicExport? export, IEnumerable<string> exported)
    {
        foreach (var topic in digest.TopicNames)
        {
            var ofTopic = digest.Of(topic);
            log.Tap(topic, (_, in record) => ofTopic.Add(record));
        }

        if (export is null)
            return;
        foreach (var topic in exported)
            log.Tap(topic, export.Add);
    }
}
