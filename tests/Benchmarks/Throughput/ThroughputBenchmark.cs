using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using StreamAllocator.Ingest;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Streams;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>
/// Ingest and predict over Kafka, exactly once, by this process's CPU time, client threads and compiler included: first samples through ingest
/// into predict's windows, then what follows a window's close. Of each where the time goes, stage by stage, until it adds up to the whole.
/// The same has been folded once before the clock starts: by then state and buffers have their size.
/// </summary>
internal sealed class ThroughputBenchmark : IAsyncDisposable
{
    private const int Partitions = 4;
    private const int Windows = 4;

    private readonly KafkaLog _log;
    private readonly Topics _topics;
    private readonly Fleet _fleet;
    private readonly Stages _stages = new();
    private readonly RunningShards _shards;
    private readonly Akka.Actor.ActorSystem _system = ShardThreads.CreateSystem();
    private readonly FoldedCheck _all;
    private readonly int _vms;
    private readonly string _what;

    private ThroughputBenchmark(KafkaLog log, int vms, int samplesPerMessage)
    {
        _log = log;
        _vms = vms;
        _what = string.Create(CultureInfo.InvariantCulture, $"{samplesPerMessage} sample{(samplesPerMessage == 1 ? "" : "s")} a message");
        _topics = new Topics($"bench-{vms}-{samplesPerMessage}-{Guid.NewGuid():N}.");
        log.CreateTopics(_topics.All(Partitions, Partitions));
        _fleet = new Fleet(log, _topics, vms, Partitions, samplesPerMessage);
        var ingest = new Role(_topics.Group("ingest"), [_topics.Telemetry], partition => new MeteredTask(
            new TelemetryIngestTask(_topics, partition.Partition, Partitions, Partitions, IngestOptions.ForDriven), _stages.Of("ingest: decode, judge, convert, route")), "bench");
        var predict = new Role(_topics.Group("predict"), [_topics.VmInputs], partition => new MeteredTask(
            new PredictTask(new PredictOptions { SourceLagWindows = null }, _topics, partition.Partition, Partitions, Partitions, Partitions), _stages.Of("predict: windows, and what closes them")), "bench");
        var metered = new MeteredLog(log, _stages);
        _shards = new RunningShards(
            _system,
            [new ShardedRole(ingest, 1), new ShardedRole(predict, 1)],
            (role, name) => new Shard(metered, role, name, new ShardOptions()),
            new RunningShardsOptions(),
            NullLogger.Instance);
        _all = new FoldedCheck(log, [(ingest.Group, _topics.Telemetry), (predict.Group, _topics.VmInputs)]);
    }

    public static async Task Run(string bootstrap, int vms = 20_000)
    {
        using var log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = bootstrap, TransactionTimeout = TimeSpan.FromMinutes(5) });
        foreach (var (samplesPerMessage, print) in new[] { (1, false), (1, true), (100, true) })
        {
            await using var benchmark = new ThroughputBenchmark(log, vms, samplesPerMessage);
            await benchmark.Measure(print).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _shards.DisposeAsync().ConfigureAwait(false);
        _all.Dispose();
        _fleet.Dispose();
        _system.Dispose();
    }

    private async Task Measure(bool print)
    {
        _fleet.WriteInventory();
        await FoldWindows().ConfigureAwait(false);
        await CloseWindows().ConfigureAwait(false);
        var windows = await FoldWindows().ConfigureAwait(false);
        var closes = await CloseWindows().ConfigureAwait(false);
        if (!print)
            return;
        windows.Print($"Kafka, {_what}, through ingest and predict's windows", "sample", (long)_fleet.SamplesPerWindow * Windows);
        closes.Print($"Kafka, {_what}, what follows a window's close (features, forecasts, errors)", "VM-window", (long)_vms * Windows);
    }

    private Task<CpuAccount> FoldWindows()
    {
        for (var window = 0; window < Windows; window++)
            _fleet.WriteWindow();
        return Release();
    }

    private Task<CpuAccount> CloseWindows()
    {
        _fleet.WriteHeartbeats();
        return Release();
    }

    /// <summary>What it takes to fold and commit all that was written.</summary>
    private async Task<CpuAccount> Release()
    {
        var account = new CpuAccount(_stages);
        var ends = Ends();
        _fleet.Release();
        do
        {
            await Task.WhenAny(_shards.Ended, Task.Delay(100)).ConfigureAwait(false);
            if (_shards.Ended.IsCompleted)
                await _shards.Ended.ConfigureAwait(false);
        }
        while (Ends().Zip(ends).Any(end => end.First == end.Second) || !_all.IsFolded());
        account.End();
        return account;
    }

    /// <summary>Of telemetry, of which each release has something in each partition; readers see it a little later than the commit's answer.</summary>
    private List<long> Ends() => [.. Enumerable.Range(0, Partitions).Select(partition => _log.EndOffset(new TopicPartition(_topics.Telemetry, partition)))];
}
