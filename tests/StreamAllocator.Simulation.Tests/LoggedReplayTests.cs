using Google.Protobuf;
using StreamAllocator.Cli;
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

/// <summary>What a log holds, taken through again.</summary>
public sealed class LoggedReplayTests : IDisposable
{
    private static readonly Topics Live = PublishedTrace.Topics;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly EventTime Now = EventTime.FromUnixSeconds(1_800_000_000);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");
    private readonly EmbeddedLog _log;

    public LoggedReplayTests()
    {
        _log = EmbeddedLog.Open(Path.Combine(_folder.FullName, "live.db"), new EmbeddedLogOptions());
        PublishedTrace.Write(_log);
    }

    public void Dispose()
    {
        _log.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Telemetry_in_a_log_and_the_trace_it_came_from_give_the_same_digests()
    {
        var run = new ReplayRun { RunId = "trace" };
        using var memory = new InMemoryLog(new InMemoryLogOptions { DropConsumed = true });
        var world = new RecordedWorld(run.Topics, run.Options, PublishedTrace.Fleet, SyntheticTrace.Options);
        var expected = await run.Execute(memory, null, "trace", PublishedTrace.Fleet, world.Create, null, CancellationToken.None);

        var replayed = await Replay(new ReplayRun { RunId = "trace" });

        Assert.NotNull(expected);
        Assert.Equal(expected, replayed);
        Assert.DoesNotContain(expected, of => of is ("features" or "forecasts" or "decisions" or "commands" or "allocations", 0, _));
    }

    [Fact]
    public async Task A_run_within_the_log_leaves_all_else_in_it_as_it_was()
    {
        Assert.True(_log.Committed("ingest", new TopicPartition(Live.Telemetry, 0)) is null);
        Fold("ingest", Live.Telemetry);
        Fold("predict", Live.VmInputs);
        var before = Standing();

        await Replay(new ReplayRun { RunId = "within" }, into: _log);

        Assert.Equal(before, Standing());
        Assert.Equal(before.Count, _log.Topics().Count(topic => topic.Name.StartsWith("streamallocator.run-within.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Changes_of_inventory_requests_and_schedules_count_alike_whatever_the_shards_and_batches()
    {
        Disturb();
        var expected = await Replay(new ReplayRun { RunId = "changed" });

        Assert.Equal(expected, await Replay(new ReplayRun { RunId = "changed", Shard = new ShardOptions { BatchSize = 3 }, Shards = 2 }));
        Assert.Equal(expected, await Replay(new ReplayRun { RunId = "changed", AsGraphs = true, Shards = 2 }));
        using var calm = EmbeddedLog.Open(Path.Combine(_folder.FullName, "calm.db"), new EmbeddedLogOptions());
        PublishedTrace.Write(calm);
        var undisturbed = await Replay(new ReplayRun { RunId = "changed" }, from: calm);
        Assert.All(new[] { "features", "decisions" }, topic => Assert.NotEqual(Of(undisturbed, topic), Of(expected, topic)));
    }

    [Fact]
    public async Task Each_change_is_routed_once_to_each_partition_that_it_concerns()
    {
        Disturb();
        using var kept = new InMemoryLog();
        var run = new ReplayRun { RunId = "routed" };
        await Replay(run, into: kept);

        var (requests, moves) = (0, 0);
        Read(kept, run.Topics.PoolInputs, value => requests += Wire.PoolInputs.Parser.ParseFrom(value).Request is null ? 0 : 1);
        Read(kept, run.Topics.VmInputs, value => moves += Wire.VmInputs.Parser.ParseFrom(value).Vm?.Spec.VmId == PublishedTrace.Fleet.Vms[0].VmId ? 1 : 0);
        Assert.Equal(run.Options.PoolPartitions, requests);
        // As it was at the start, told by genesis and by its own record; then the move.
        Assert.Equal(3, moves);
    }

    [Fact]
    public async Task An_agent_whose_clock_is_ahead_holds_nobody_up()
    {
        var calm = await Replay(new ReplayRun { RunId = "ahead" });
        using var ahead = EmbeddedLog.Open(Path.Combine(_folder.FullName, "ahead.db"), new EmbeddedLogOptions());
        ahead.CreateTopics(Live.All(2, PublishedTrace.TelemetryPartitions, keepAll: true));
        for (var partition = 0; partition < PublishedTrace.TelemetryPartitions; partition++)
            PublishAhead(ahead, partition);
        PublishedTrace.Write(ahead);

        var replayed = await Replay(new ReplayRun { RunId = "ahead" }, from: ahead);

        Assert.All(calm.Where(of => of.Topic != "dead-letter"), of => Assert.Equal(of, Of(replayed, of.Topic)));
        var shared = PublishedTrace.Fleet.Vms.Select(vm => StableHash.Partition(vm.VmId, PublishedTrace.TelemetryPartitions)).Distinct();
        Assert.Equal(shared.Count(), Of(replayed, "dead-letter").Records);
    }

    [Fact]
    public async Task A_part_of_the_history_has_the_windows_of_that_part_and_no_late_sample()
    {
        var from = PublishedTrace.Fleet.Start + (100 * Window);
        var replayed = await Replay(new ReplayRun { RunId = "part", Until = Stage.Forecasts }, span: (from, from + (20 * Window)));

        Assert.Equal(20 * SyntheticTrace.Vms, Of(replayed, "features").Records);
        Assert.Equal(0, Of(replayed, "late").Records);
        Assert.DoesNotContain(replayed, of => of.Topic is "decisions" or "commands" or "allocations");
    }

    [Fact]
    public void A_span_without_history_is_refused_and_the_span_that_is_there_is_named()
    {
        var problem = Assert.Throws<UsageException>(() => new LoggedHistory(_log, Live.Prefix, Now, null, Window, Now));

        Assert.Contains($"{PublishedTrace.Fleet.Start} to {PublishedTrace.Fleet.End}", problem.Message, StringComparison.Ordinal);
    }

    private static (string Topic, long Records, string Digest) Of(IReadOnlyList<(string Topic, long Records, string Digest)> results, string topic) =>
        results.Single(of => of.Topic == topic);

    private async Task<IReadOnlyList<(string Topic, long Records, string Digest)>> Replay(
        ReplayRun run, IEventLog? into = null, IEventLog? from = null, (EventTime From, EventTime To)? span = null)
    {
        var history = new LoggedHistory(from ?? _log, Live.Prefix, span?.From, span?.To, Window, Now);
        using var memory = new InMemoryLog(new InMemoryLogOptions { DropConsumed = true });
        var results = await run.Execute(
            into ?? memory, null, "log", history.Fleet, partition => history.World(run.Topics, run.Options, partition), null, CancellationToken.None);
        return results!;
    }

    private static void Read(InMemoryLog log, string topic, Action<byte[]> take) => TopicReader.Read(
        log, log.Topics().Single(spec => spec.Name == topic), from: null, follow: false,
        (_, in record) =>
        {
            take(record.Value.ToArray());
            return true;
        },
        CancellationToken.None);

    /// <summary>Topics outside runs, where each begins and ends, and how far the live groups are.</summary>
    private List<string> Standing() =>
    [
        .. from topic in _log.Topics()
           where !topic.Name.Contains(".run-", StringComparison.Ordinal)
           let sources = Enumerable.Range(0, topic.Partitions).Select(partition => new TopicPartition(topic.Name, partition))
           let groups = new[] { "world", "ingest", "predict", "decide", "execute" }
           select $"{topic}: " + string.Join("; ", sources.Select(source =>
               $"{_log.BeginOffset(source)} to {_log.EndOffset(source)}, {string.Join(' ', groups.Select(group => $"{group} {_log.Committed(group, source)}"))}")),
    ];

    /// <summary>A live group has read a part of it.</summary>
    private void Fold(string group, string topic)
    {
        using var member = _log.Join(group, "live", [topic]);
        using var batch = new RecordBatch();
        while (member.Poll(batch, 10, TimeSpan.FromSeconds(1)) != PollOutcome.AssignmentChanged)
        {
        }

        using var producer = _log.OpenProducer(group + "-live");
        producer.Commit(member, [new PartitionOffset(new TopicPartition(topic, 0), Math.Min(5, _log.EndOffset(new TopicPartition(topic, 0))))]);
    }

    /// <summary>A VM moves to another pool, one is removed, one is held, and a schedule begins, all in the middle.</summary>
    private void Disturb()
    {
        using var outputs = new OutputBatch();
        var middle = PublishedTrace.Fleet.Start + (150 * Window) + TimeSpan.FromSeconds(70);
        var (moved, removed, held) = (PublishedTrace.Fleet.Vms[0], PublishedTrace.Fleet.Vms[1], PublishedTrace.Fleet.Vms[2]);
        var other = moved with { PoolId = PublishedTrace.Fleet.Vms.First(vm => vm.PoolId != moved.PoolId).PoolId };
        PublishedTrace.Put(outputs, Live.Vms, moved.VmId, SchemaHeaders.VmSpec, middle, PublishedTrace.Encode(other));
        PublishedTrace.Put(outputs, Live.Vms, removed.VmId, SchemaHeaders.VmSpec, middle, []);
        var request = new Wire.ControlRequest
        {
            RequestId = "r-1",
            RequestedBy = "a person",
            VmId = held.VmId,
            EventTimeMs = middle.UnixMilliseconds,
            Kind = Wire.RequestKind.Hold,
            HoldForMs = 3_600_000,
        };
        PublishedTrace.Put(outputs, Live.Requests, held.VmId, SchemaHeaders.ControlRequest, middle, request.ToByteArray());
        var schedule = new Wire.Schedule { ScheduleId = "s-1", Name = "batch", Cron = "0 * * * *", DurationMs = 600_000, VmId = held.VmId };
        PublishedTrace.Put(outputs, Live.Calendar, "s-1", SchemaHeaders.Schedule, middle, schedule.ToByteArray());
        PublishedTrace.Commit(_log, outputs);
    }

    private static void PublishAhead(IEventLog log, int partition)
    {
        var time = PublishedTrace.Fleet.Start + TimeSpan.FromDays(3000);
        var sample = new Wire.UsageSample { VmId = $"ahead-{partition}", EventTimeMs = time.UnixMilliseconds, CpuCores = 1 };
        using var outputs = new OutputBatch();
        outputs.Append(
            new TopicPartition(Live.Telemetry, partition), time, "ahead"u8, SchemaHeaders.Telemetry, new Wire.Telemetry { Samples = { sample } }.ToByteArray());
        PublishedTrace.Commit(log, outputs);
    }
}
