using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using StreamAllocator.Ingest;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Streams;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>
/// Ingest and predict over Kafka, exactly once: samples per CPU-second of this process, client threads and compiler included, and where the
/// time goes, stage by stage, until it adds up to the whole.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int Partitions = 4;
    private const string Ingest = "ingest";
    private const string Predict = "predict";
    private const string Windows = "predict: windows";
    private const string Inventory = "predict: taking in the inventory, once";
    private const string Closing = "predict: closing windows (features, forecasts, errors)";

    public static async Task Run(string bootstrap, int vms = 20_000)
    {
        using var log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = bootstrap });
        await Measure(log, vms / 10, windows: 1, samplesPerMessage: 1, print: false).ConfigureAwait(false);
        foreach (var samplesPerMessage in new[] { 1, 100 })
            await Measure(log, vms, windows: 5, samplesPerMessage, print: true).ConfigureAwait(false);
    }

    private static async Task Measure(KafkaLog log, int vms, int windows, int samplesPerMessage, bool print)
    {
        var topics = new Topics($"bench-{vms}-{samplesPerMessage}-{Environment.ProcessId}.");
        log.CreateTopics(topics.All(Partitions, Partitions));
        var fleet = new Fleet(log, topics, vms, Partitions);
        fleet.Write(windows, samplesPerMessage);
        var stages = new Stages();
        using var metered = new MeteredLog(log, stages);
        var predicting = new ConcurrentBag<ITask>();
        var roles = new[]
        {
            new Role(Ingest, [topics.Telemetry], partition => new MeteredTask(
                new TelemetryIngestTask(topics, partition.Partition, Partitions, Partitions, IngestOptions.ForDriven),
                stages.Of("ingest: decode, judge, convert, route")), "bench"),
            new Role(Predict, [topics.VmInputs], partition =>
            {
                var task = new MeteredTask(
                    new PredictTask(new PredictOptions { SourceLagWindows = null }, topics, partition.Partition, Partitions, Partitions, Partitions), stages.Of(Windows), (stages.Of(Inventory), stages.Of(Closing)));
                predicting.Add(task);
                return task;
            }, "bench"),
        };
        using var system = ShardThreads.CreateSystem();
        GC.Collect();
        var (clock, threads) = (new CpuClock(), ThreadCpu.All());
        await using var shards = new RunningShards(
            system,
            [.. roles.Select(role => new ShardedRole(role, 1))],
            (role, name) => new Shard(metered, role with { Group = topics.Prefix + role.Group }, name, new ShardOptions()),
            new RunningShardsOptions(),
            NullLogger.Instance);
        var end = fleet.EndOf(windows);
        while (!shards.Ended.IsCompleted && (predicting.Count < Partitions || predicting.Any(task => task.Reached < end)))
            await Task.Delay(20).ConfigureAwait(false);

        // What came last is committed by then.
        await Task.Delay(500).ConfigureAwait(false);
        if (shards.Ended.IsCompleted)
            await shards.Ended.ConfigureAwait(false);
        if (print)
            Print(samplesPerMessage, (long)fleet.SamplesPerWindow * windows, clock.Seconds * 1e9, threads, ThreadCpu.All(), stages.Now());
    }

    private static void Print(
        int samplesPerMessage,
        long samples,
        double total,
        Dictionary<string, (string Name, long Nanoseconds)> before,
        Dictionary<string, (string Name, long Nanoseconds)> after,
        Dictionary<string, (long Nanoseconds, long Bytes)> stages)
    {
        var closing = stages.Where(stage => stage.Key == Closing || stage.Key.Contains("predict: hand over", StringComparison.Ordinal)).Sum(stage => stage.Value.Nanoseconds);
        var running = total - stages[Inventory].Nanoseconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Kafka, ingest + predict, {samplesPerMessage} samples a message: {samples / running * 1e9:N0} samples per CPU-second; {samples / (running - closing) * 1e9:N0} through the windows, without what follows their close"));
        long Of(Func<string, bool> name) => after
            .Where(thread => name(thread.Value.Name))
            .Sum(thread => thread.Value.Nanoseconds - before.GetValueOrDefault(thread.Key).Nanoseconds);
        var client = Of(name => name.StartsWith("rdk:", StringComparison.Ordinal));
        var compiler = Of(name => name.StartsWith(".NET Tiered", StringComparison.Ordinal));
        var shards = Of(name => name.StartsWith("streamallocator", StringComparison.Ordinal));
        var ours = stages.Values.Sum(stage => stage.Nanoseconds);
        Row("Kafka client's own threads", client);
        foreach (var (name, (nanoseconds, bytes)) in stages.OrderBy(stage => stage.Key, StringComparer.Ordinal))
            Row(name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..], nanoseconds, bytes);
        Row("graph, recovery, start of the shards", shards - ours);
        Row("compiler", compiler);
        Row("all else (main thread, collector, threads that ended)", total - client - compiler - shards);
        Row("whole", total);

        void Row(string what, double nanoseconds, long? bytes = null) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what,-60} | {nanoseconds / samples,8:0.0} ns | {(bytes is null ? "" : $"{(double)bytes / samples:0.00} B"),9} |"));
    }
}
