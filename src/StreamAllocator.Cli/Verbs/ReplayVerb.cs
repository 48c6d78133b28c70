using System.CommandLine;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Output;
using StreamAllocator.Cli.Runs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>replay</c>: history through the production code, as fast as it goes, into topics of its own.</summary>
internal static class ReplayVerb
{
    public static Command Create()
    {
        var history = new RecordingOptions();
        var into = new Option<string>("--into")
        {
            Description = "Log that takes the run's topics: memory, or file:PATH or kafka:HOST:PORT, where a run that was broken off goes on.",
            DefaultValueFactory = _ => "memory",
        };
        var until = new Option<Stage>("--until") { Description = "Go no further than this stage.", DefaultValueFactory = _ => Stage.Allocations };
        var digest = new Option<bool>("--digest") { Description = "Print one SHA-256 per output topic." };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Write each output topic into this folder as JSON lines." };
        var format = FormatOption.Create();
        var batch = new Option<int>("--batch") { Description = "Most records that one step folds.", DefaultValueFactory = _ => 1000 };
        var shards = new Option<int>("--shards") { Description = "Shards that share the partitions of each role.", DefaultValueFactory = _ => 1 };
        var graph = new Option<bool>("--graph") { Description = "Carry each shard as a graph on a thread of its own, as run does; the digests are the same." };
        var seed = new Option<ulong>("--seed") { Description = "Of the simulated hosts.", DefaultValueFactory = _ => 1UL };
        var runId = new Option<string>("--run-id") { Description = "Names the run and its topics.", DefaultValueFactory = _ => "replay" };
        var command = new Command(
            "replay",
            "Takes history through the production code, into topics of its own.\n\n"
            + "  streamallocator replay --trace vms.csv.gz --digest\n"
            + "  streamallocator replay --log file:./streamallocator.db --from 2026-03-01T00:00:00Z --to 2026-03-02T00:00:00Z --until forecasts --out forecasts/");
        history.AddTo(command);
        foreach (var option in new Option[] { into, until, digest, output, format, batch, shards, graph, seed, runId })
            command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var run = new ReplayRun
            {
                RunId = parsed.GetRequiredValue(runId),
                Until = parsed.GetValue(until),
                Shard = new ShardOptions { BatchSize = parsed.GetValue(batch) },
                Shards = parsed.GetValue(shards),
                AsGraphs = parsed.GetValue(graph),
                Seed = parsed.GetValue(seed),
            };
            using var source = history.Open(parsed, run.Topics, run.Options);
            var address = LogAddress.Parse(parsed.GetRequiredValue(into), "--into");
            using var target = source.Log is { } same && source.Address == address ? null : address.Open([run.Topics.Commands]);
            if (target is null && source.Prefix == run.Topics.Prefix)
                throw new UsageException($"--run-id {run.RunId}: the run would write into the topics that it reads; expected another");
            var log = target ?? source.Log!;
            var results = await run.Execute(
                log, address.Snapshots(log, run.Topics), source.Name, source.Fleet, source.World, parsed.GetValue(output), cancellation);
            if (results is null)
                return ExitCodes.Failed;
            Print(results, parsed.GetValue(digest), parsed.GetValue(format));
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<(string Topic, long Records, string Digest)> results, bool digest, OutputFormat format)
    {
        if (format == OutputFormat.Table)
        {
            foreach (var of in results)
                Console.WriteLine(FormattableString.Invariant($"{(digest ? of.Digest + "  " : "")}{of.Topic} ({of.Records} records)"));
            return;
        }

        var listing = digest ? new Listing("topic", "records", "sha256") : new Listing("topic", "records");
        foreach (var of in results)
            listing.Add(digest ? [of.Topic, of.Records, of.Digest] : [of.Topic, of.Records]);
        listing.Print(format, Console.Out);
    }
}
