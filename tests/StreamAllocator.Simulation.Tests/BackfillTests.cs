using Google.Protobuf;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.World;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Records;
using StreamAllocator.Cli.Runs;
using StreamAllocator.Domain;
using StreamAllocator.Embedded;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Wire;
using Topics = StreamAllocator.Pipeline.Topics;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Simulation.Tests;

/// <summary>History in the log of an allocator that then begins to run.</summary>
public sealed class BackfillTests : IDisposable
{
    private static readonly Topics Topics = new();
    private static readonly Fleet Fleet = PublishedTrace.Fleet;
    private static readonly AllocatorOptions Allocator = new();
    private static readonly TimeSpan Window = Allocator.Predict.Windows.Size;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");
    private readonly EmbeddedLog _log;
    private readonly SnapshotFolder _snapshots;

    public BackfillTests()
    {
        _log = EmbeddedLog.Open(Path.Combine(_folder.FullName, "new.db"), new EmbeddedLogOptions());
        _log.CreateTopics(Topics.All(Allocator.VmPartitions, Allocator.PoolPartitions));
        _snapshots = new SnapshotFolder(Path.Combine(_folder.FullName, "snapshots"));
    }

    public void Dispose()
    {
        _log.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_first_live_forecasts_are_warm_with_and_without_its_snapshots(bool snapshots)
    {
        Fill();
        Assert.All(Enumerable.Range(0, Allocator.PoolPartitions), pool => Assert.Equal(0, _log.EndOffset(new TopicPartition(Topics.PoolInputs, pool))));

        var live = RunLive(snapshots ? _snapshots : null);

        Assert.Equal(SyntheticTrace.Vms, live.Count);
        Assert.All(live, forecast => Assert.False(forecast.Warming));
        Assert.Equal((SyntheticTrace.Windows + 1) * SyntheticTrace.Vms, Count(Topics.Features));
        Assert.Equal((0, 0), (Count(Topics.Late), Count(Topics.DeadLetter)));
    }

    [Fact]
    public void Without_it_they_are_not()
    {
        PublishInventory();

        Assert.All(RunLive(_snapshots), forecast => Assert.True(forecast.Warming));
    }

    [Fact]
    public async Task What_it_wrote_replays_as_the_trace_does()
    {
        Fill();
        var run = new ReplayRun { RunId = "filled" };
        using var ofTrace = new InMemoryLog(new InMemoryLogOptions { DropConsumed = true });
        var expected = await run.Execute(
            ofTrace, null, "trace", Fleet, new RecordedWorld(run.Topics, run.Options, Fleet, SyntheticTrace.Options).Create, null, CancellationToken.None);
        var history = new LoggedHistory(_log, Topics.Prefix, null, null, Window, Fleet.End);

        using var ofLog = new InMemoryLog(new InMemoryLogOptions { DropConsumed = true });
        var replayed = await run.Execute(
            ofLog, null, "log", history.Fleet, partition => history.World(run.Topics, run.Options, partition), null, CancellationToken.None);

        Assert.Equal(expected, replayed);
    }

    [Fact]
    public void History_that_overlaps_what_was_folded_is_refused_and_so_is_that_of_another_time()
    {
        var backfill = new Backfill(_log, Topics, Allocator, null, _snapshots);
        backfill.Check(Fleet, Fleet.End + TimeSpan.FromDays(7));
        var future = Assert.Throws<IOException>(() => backfill.Check(Fleet, Fleet.End - Window));
        var old = Assert.Throws<IOException>(() => backfill.Check(Fleet, Fleet.End + TimeSpan.FromDays(8)));
        Fill();
        var late = Assert.Throws<IOException>(() => backfill.Check(Fleet, Fleet.End));
        backfill.Check(Fleet with { Start = Fleet.End, End = Fleet.End + Window }, Fleet.End + Window);

        Assert.Contains("has ended by now", future.Message, StringComparison.Ordinal);
        Assert.Contains("--ending", old.Message, StringComparison.Ordinal);
        Assert.Contains($"has folded all up to {Fleet.End}", late.Message, StringComparison.Ordinal);
    }

    private void Fill()
    {
        var backfill = new Backfill(_log, Topics, Allocator, null, _snapshots);
        var world = new RecordedWorld(
            Topics, backfill.Driven, Fleet, () => new RecordedFeed(TraceReader.Open(SyntheticTrace.Options, _ => { })), maxAhead: 0);
        backfill.Write(Fleet, world.Create, withInventory: true, _ => { }, CancellationToken.None);
        backfill.Fold(_ => { }, CancellationToken.None);
    }

    /// <summary>The allocator's ingest and predict, a window after the end of the history; of each VM one sample has come since.</summary>
    /// <returns>The forecasts since.</returns>
    private List<Wire.Forecast> RunLive(ISnapshots? snapshots)
    {
        PublishSamples();
        var clock = new SetClock(Fleet.End + Window + TimeSpan.FromMinutes(1));
        var roles = new Roles(Allocator with { Train = true }, Topics);
        var options = new ShardOptions { PollWait = TimeSpan.Zero };
        using var ingest = new Shard(_log, roles.LiveIngest(), "live", options, snapshots, clock);
        using var predict = new Shard(_log, roles.Predict(), "live", options, snapshots, clock);
        for (var idle = 0; idle < 20; idle++)
        {
            if (ingest.RunOnce() | predict.RunOnce())
                idle = -1;
            clock.Now += TimeSpan.FromMilliseconds(100);
        }

        var forecasts = new List<Wire.Forecast>();
        Read(Topics.Forecasts, value => forecasts.Add(Wire.Forecast.Parser.ParseFrom(value)));
        return [.. forecasts.Where(forecast => forecast.OriginMs > Fleet.End.UnixMilliseconds)];
    }

    private void PublishSamples()
    {
        using var outputs = new OutputBatch();
        foreach (var vm in Fleet.Vms)
        {
            var time = Fleet.End + TimeSpan.FromMinutes(1);
            var sample = new Wire.UsageSample { VmId = vm.VmId, EventTimeMs = time.UnixMilliseconds, CpuCores = 1, MemoryGib = 2 };
            outputs.Append(
                new TopicPartition(Topics.Telemetry, StableHash.Partition(vm.VmId, Allocator.PoolPartitions)), time, "agent"u8, SchemaHeaders.Telemetry,
                new Wire.Telemetry { Samples = { sample } }.ToByteArray());
        }

        PublishedTrace.Commit(_log, outputs);
    }

    private void PublishInventory()
    {
        using var outputs = new OutputBatch();
        foreach (var vm in Fleet.Vms)
            PublishedTrace.Put(outputs, Topics.Vms, vm.VmId, SchemaHeaders.VmSpec, Fleet.Start, PublishedTrace.Encode(vm));
        PublishedTrace.Commit(_log, outputs);
    }

    private int Count(string topic)
    {
        var count = 0;
        Read(topic, _ => count++);
        return count;
    }

    private void Read(string topic, Action<byte[]> take) => TopicReader.Read(
        _log, _log.Topics().Single(spec => spec.Name == topic), from: null, follow: false,
        (_, in record) =>
        {
            if (!record.Key.IsEmpty)
                take(record.Value.ToArray());
            return true;
        },
        CancellationToken.None);

    private sealed class SetClock(EventTime start) : TimeProvider
    {
        public EventTime Now { get; set; } = start;

        public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();
    }
}
