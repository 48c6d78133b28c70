using System.Globalization;
using Spectre.Console;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Output;
using StreamAllocator.Domain;
using StreamAllocator.History;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Server;
using StreamAllocator.Streams;

namespace StreamAllocator.Cli.Demo;

/// <summary>
/// The whole allocator in one process: shards on threads of their own over one log, a closed loop with a simulated world in lock-step, the
/// HTTP API beside it. What it decides depends on demand and seed alone.
/// </summary>
internal sealed class DemoRun(DemoOptions options)
{
    private const int Pools = 2;

    /// <summary>The hosts hold less than their VMs are provisioned with: only resizing lets all of them have what they need.</summary>
    private const double Slack = 0.9;

    /// <summary>Records of a partition between two snapshots: about a day of event time, so that a killed demo is soon back.</summary>
    private const int SnapshotEvery = 2000;

    private const string RunId = "demo";
    private static readonly TimeSpan QuietCheck = TimeSpan.FromMilliseconds(100);

    private readonly AllocatorOptions _allocator = Options();
    private readonly Topics _topics = new();

    public async Task<int> Execute(CancellationToken cancellation)
    {
        var demand = ReadDemand();
        var fleet = FleetOf(demand);
        using var log = options.Log.Open(syncedTopics: [], dropConsumed: false);
        log.CreateTopics(_topics.All(_allocator.VmPartitions, _allocator.PoolPartitions, keepAll: options.KeepAll));
        DemoMark.Check(options.Log, log, _topics, Name(demand));
        new Genesis(log, _topics, _allocator).Write(fleet);

        // A terminal that knows no escape codes cannot be redrawn in place.
        var isLive = !options.NoView && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        var notices = new Notices(isLive ? null : Console.Error.WriteLine);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var worlds = new Worlds(_topics, _allocator, fleet, demand, options.Windows);
        var begun = ReachedIn(log) ?? fleet.Start;
        var pace = new Pace(options.Speed, begun, stop.Token);
        using var system = ShardThreads.CreateSystem();
        using var metrics = new AllocatorMetrics();
        await using var api = await StartApi(log, metrics);
        using var history = await OpenHistory(log, notices, metrics, cancellation);
        var writing = history?.Run(stop.Token);
        await using var shards = new RunningShards(
            system, RolesOf(log, worlds, pace, fleet), OpenShard(log), new RunningShardsOptions { StopTimeout = TimeSpan.FromSeconds(20) }, notices, metrics);

        var picture = new Picture(_topics, fleet, begun);
        var show = new DemoShow(picture, worlds, fleet, demand.Source, options.Speed, api.Address, notices, isLive);
        using var shown = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(
            () => new PictureReader(log, _topics, picture).Run(begun, shown.Token), shown.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var showing = show.Run(shown.Token);
        try
        {
            await Task.WhenAny(shards.Ended, reading, writing ?? Task.Delay(Timeout.Infinite, cancellation), Finish(log, shards, worlds, history, cancellation));
        }
        finally
        {
            await stop.CancelAsync();
            await shards.Stop();
            await shown.CancelAsync();
            await showing;
            await reading;
        }

        await shards.Ended;
        await (writing ?? Task.CompletedTask);
        show.Close(options.Log.Path is not null && !worlds.Ended);
        if (options.Digest && worlds.Ended)
            PrintDigest(log);
        return ExitCodes.Done;
    }

    /// <summary>At the standard speed half a day is ten seconds: the trainer may take so long before the picture has to wait for it.</summary>
    private static AllocatorOptions Options()
    {
        var driven = AllocatorOptions.Driven(RunId);
        return driven with { Train = true, Training = driven.Training with { LeadWindows = 144 } };
    }

    private DemandTrace ReadDemand()
    {
        if (options.Trace is not { } file)
            return DemandTrace.Azure(options.Seed);
        using var reader = TraceReader.Open(new TraceOptions { File = file.FullName }, problem => Console.Error.WriteLine(problem));
        return DemandTrace.Read(reader, options.Seed);
    }

    private static Fleet FleetOf(DemandTrace demand) => Fleet.Of(
        Enumerable.Range(0, demand.VmCount).Select(vm => (demand.VmId(vm), demand.Provisioned(vm))),
        Pools,
        EventTime.StartOfWindow(demand.FirstWindow, demand.WindowSize),
        Slack);

    private string Name(DemandTrace demand) => string.Create(
        CultureInfo.InvariantCulture,
        $"a demo of {options.Trace?.Name ?? "the Azure excerpt"}, {demand.VmCount} VMs, seed {options.Seed}");

    private ShardedRole[] RolesOf(IEventLog log, Worlds worlds, Pace pace, Fleet fleet)
    {
        var roles = new Roles(_allocator, _topics);
        var simulated = new SimulatedOptions { Seed = options.Seed, Hosts = fleet.Hosts, Vms = fleet.Vms };
        return
        [
            .. new[]
            {
                roles.World(pool => new PacedWorld(worlds.Create(pool), pace)),
                roles.Ingest(),
                roles.Requests(),
                roles.Predict(),
                roles.Decide(),
                roles.Execute(_ => new SimulatedHypervisor(simulated), live: null),
                roles.Train(log),
            }.Select(role => new ShardedRole(role, 1)),
        ];
    }

    private Func<Role, string, Shard> OpenShard(IEventLog log)
    {
        var snapshots = options.Log.Snapshots(log, _topics);
        var shardOptions = new ShardOptions { SnapshotEvery = SnapshotEvery };
        return (role, name) => new Shard(log, role, name, shardOptions, snapshots);
    }

    /// <summary>The newest event time that the world has sent; null in a new log.</summary>
    private EventTime? ReachedIn(IEventLog log)
    {
        var source = new TopicPartition(_topics.Telemetry, 0);
        var end = log.EndOffset(source);
        if (end == log.BeginOffset(source))
            return null;
        using var reader = log.Read([source]);
        using var batch = new RecordBatch();
        reader.Seek(source, end - 1);
        return reader.Poll(batch, 1, TimeSpan.FromSeconds(1)) == PollOutcome.Records ? batch[batch.Count - 1].Time : null;
    }

    private async Task<ApiServer> StartApi(IEventLog log, AllocatorMetrics metrics)
    {
        var server = new ServerOptions { DrivenTime = true, Port = options.Port ?? DemoOptions.StandardPort, Decisions = _allocator.Decide.Decisions };
        var api = new ApiServer(log, _topics, server, metrics);
        try
        {
            await api.StartAsync(CancellationToken.None);
            return api;
        }
        catch (IOException) when (options.Port is null)
        {
            await api.DisposeAsync();
        }

        var elsewhere = new ApiServer(log, _topics, server with { Port = 0 }, metrics);
        await elsewhere.StartAsync(CancellationToken.None);
        return elsewhere;
    }

    private async Task<HistoryWriter?> OpenHistory(IEventLog log, Notices notices, AllocatorMetrics metrics, CancellationToken cancellation) =>
        options.History is null
            ? null
            : await HistoryWriter.Open(log, _topics, options.History, HistoryWriter.StandardName, notices, metrics, TimeProvider.System, cancellation);

    /// <summary>Ends when the demo is stopped, or when the world has ended and all that came of it is committed and in the history.</summary>
    private static async Task Finish(IEventLog log, RunningShards shards, Worlds worlds, HistoryWriter? history, CancellationToken cancellation)
    {
        try
        {
            while (!worlds.Ended)
                await Task.Delay(QuietCheck, cancellation);
            await shards.AllFolded(log, cancellation);
            await (history?.CaughtUp(cancellation) ?? Task.CompletedTask);
        }
        catch (OperationCanceledException)
        {
            // Stopped: the caller drains.
        }
    }

    private void PrintDigest(IEventLog log)
    {
        using var digest = new RunDigest(_topics);
        digest.AddAll(log, CancellationToken.None);
        foreach (var (topic, records, sha256) in digest.Results())
            Console.WriteLine(FormattableString.Invariant($"{sha256}  {topic} ({records} records)"));
    }
}
