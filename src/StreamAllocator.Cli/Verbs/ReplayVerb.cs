using System.CommandLine;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Records;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>replay</c>: history through the production code, as fast as it goes, into topics of its own.</summary>
internal static class ReplayVerb
{
    public static Command Create()
    {
        var trace = new Option<FileInfo>("--trace") { Description = "A trace (gzip or plain CSV) of a documented layout.", Required = true };
        var maxima = new Option<FileInfo?>("--maxima") { Description = "A second file of the VM layout with the maximum CPU of each interval." };
        var log = new Option<string>("--log") { Description = "memory, or file:PATH; a file that holds an unfinished run is resumed.", DefaultValueFactory = _ => "memory" };
        var digest = new Option<bool>("--digest") { Description = "Print one SHA-256 per output topic." };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Write each output topic into this folder as JSON lines." };
        var batch = new Option<int>("--batch") { Description = "Most records that one step folds.", DefaultValueFactory = _ => 1000 };
        var shards = new Option<int>("--shards") { Description = "Shards that share the partitions of each role.", DefaultValueFactory = _ => 1 };
        var graph = new Option<bool>("--graph") { Description = "Carry each shard as a graph on a thread of its own, as run does; the digests are the same." };
        var pools = new Option<int>("--pools") { Description = "Pools among which the VMs are spread.", DefaultValueFactory = _ => 2 };
        var seed = new Option<ulong>("--seed") { Description = "Of the simulated hosts.", DefaultValueFactory = _ => 1UL };
        var runId = new Option<string>("--run-id") { Description = "Names the run and its topics.", DefaultValueFactory = _ => "replay" };
        var command = new Command("replay", "Takes history through the production code, into topics of its own.\n\n  streamallocator replay --trace vms.csv.gz --digest")
        {
            trace, maxima, log, digest, output, batch, shards, graph, pools, seed, runId,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var run = new Replay(
                new TraceOptions { File = parsed.GetRequiredValue(trace).FullName, MaximumFile = parsed.GetValue(maxima)?.FullName },
                LogAddress.Parse(parsed.GetRequiredValue(log)),
                new ShardOptions { BatchSize = parsed.GetValue(batch) },
                parsed.GetValue(shards),
                parsed.GetValue(pools),
                parsed.GetValue(seed),
                parsed.GetRequiredValue(runId));
            await run.Execute(parsed.GetValue(graph), parsed.GetValue(digest), parsed.GetValue(output), cancellation);
            return cancellation.IsCancellationRequested ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private sealed record Replay(
        TraceOptions Trace, LogAddress Address, ShardOptions Shard, int Shards, int Pools, ulong Seed, string RunId)
    {
        private readonly Topics _topics = new(Topics.ForRun(RunId));
        private readonly AllocatorOptions _options = AllocatorOptions.Driven(RunId);

        public async Task Execute(bool asGraphs, bool printDigest, DirectoryInfo? output, CancellationToken cancellation)
        {
            var fleet = Fleet.Of(Trace, Pools, problem => Console.Error.WriteLine(problem));
            using var digest = new RunDigest(_topics);
            using var export = output is null ? null : new TopicExport(output, digest.TopicNames);
            using var log = Address.Open([_topics.Commands]);
            log.CreateTopics(_topics.All(_options.VmPartitions, _options.PoolPartitions, keepAll: true));
            if (log is InMemoryLog memory)
                TapOutputs(memory, digest, export);
            var snapshots = Address.SnapshotFolder is { } folder ? new SnapshotFolder(folder) : null;
            var run = new DrivenRun(log, _topics, _options, fleet, new RecordedWorld(_topics, _options, fleet, Trace).Create, Seed, Shards, Shard, snapshots);
            if (asGraphs)
                await run.RunAsGraphs(cancellation);
            else
                run.Run(cancellation);
            if (log is not InMemoryLog)
                export?.AddAll(log, cancellation);
            export?.Close();
            if (!printDigest)
                return;
            if (log is not InMemoryLog)
                digest.AddAll(log, cancellation);
            if (cancellation.IsCancellationRequested)
                return;
            foreach (var (topic, records, sha256) in digest.Results())
                Console.WriteLine(FormattableString.Invariant($"{sha256}  {topic} ({records} records)"));
        }

        /// <summary>Outputs are digested as they pass, and kept nowhere.</summary>
        private static void TapOutputs(InMemoryLog log, RunDigest digest, TopicExport? export)
        {
            foreach (var topic in digest.TopicNames)
            {
                var ofTopic = digest.Of(topic);
                log.Tap(topic, (_, in record) => ofTopic.Add(record));
                if (export is not null)
                    log.Tap(topic, export.Add);
            }
        }
    }
}
