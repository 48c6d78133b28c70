using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Output;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.History;
using StreamAllocator.Hypervisors.DryRun;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Execution;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Server;
using StreamAllocator.Streams;

namespace StreamAllocator.Cli.Live;

/// <summary>The allocator, or some of its roles, on live telemetry and the wall clock, until it is stopped.</summary>
internal sealed class LiveRun(Settings settings, IReadOnlyCollection<string> roles, AgentOptions? agent)
{
    public const string History = "history";

    public static readonly string[] RoleNames = ["ingest", "predict", "decide", "execute", "train", "serve", History];

    private readonly Topics _topics = new(settings.TopicPrefix);
    private AllocatorOptions _allocator = settings.Allocator;

    public async Task<int> Execute(CancellationToken cancellation)
    {
        var address = LogAddress.Parse(settings.Log);
        DemoMark.Refuse(address, "--log");
        var notices = new Notices(Console.Error.WriteLine);
        using var log = address.Open([_topics.Commands], dropConsumed: false, settings.Kafka, notices);
        var layout = LogLayout.Of(log, _topics, settings.Allocator);
        _allocator = layout.ApplyTo(settings.Allocator);
        var clock = new SteadyClock(TimeProvider.System, Console.Error.WriteLine);
        using var metrics = new AllocatorMetrics(() => EventTime.From(clock.GetUtcNow()));
        await using var api = roles.Contains("serve") ? await StartApi(log, metrics) : null;
        using var system = ShardThreads.CreateSystem();
        using var history = roles.Contains(History) ? await OpenHistory(log, notices, metrics, cancellation) : null;
        var sharded = ShardedRoles(log, metrics, new Roles(_allocator with { Train = true }, _topics, layout.VmInputs));
        await using var shards = new RunningShards(system, sharded, OpenShard(log, address, clock), new RunningShardsOptions(), notices, metrics);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (agent is not null && !new NewestInventory(log, _topics).Vms().Exists(vm => vm.VmId == agent.VmId))
            Console.Error.WriteLine($"VM '{agent.VmId}' is not in the inventory, so its samples go to dead-letter: 'streamallocator publish vms' adds it");
        var watching = agent is null ? Task.CompletedTask : Watch(log, agent, stop.Token);
        var writing = history?.Run(stop.Token);
        Console.WriteLine($"running {string.Join(", ", roles)}{(agent is null ? "" : $", agent of {agent.VmId}")} on {settings.Log}{(api is null ? "" : $"; API {api.Address}")}");
        if (roles.Contains("execute"))
            Console.WriteLine(settings.DryRun ? "dry run: commands are recorded, nothing is applied" : "hosts are simulated: no real VM is resized");
        try
        {
            var forever = Task.Delay(Timeout.Infinite, cancellation);
            await Task.WhenAny(forever, sharded.Count > 0 ? shards.Ended : forever, writing ?? forever);
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
            await shards.Stop();
        }

        await shards.Ended;
        await (writing ?? Task.CompletedTask);
        Console.WriteLine("drained; the next start goes on from here");
        return ExitCodes.Done;
    }

    private async Task Watch(IEventLog log, AgentOptions options, CancellationToken cancellation)
    {
        // This process is what would read the samples: a buffer that outlives it is the business of 'agent', as a process of its own.
        using var buffer = new SampleBuffer(() => new InMemoryLog(new InMemoryLogOptions { DropConsumed = true }), Console.Error.WriteLine);
        using var watcher = new TelemetryAgent(
            buffer, () => log.OpenAppender($"agent-{options.VmId}"), _topics, options, TimeProvider.System, Console.Error.WriteLine);
        await watcher.RunAsync(cancellation);
    }

    private async Task<ApiServer> StartApi(IEventLog log, AllocatorMetrics metrics)
    {
        var api = new ApiServer(log, _topics, settings.Server with { Name = settings.Instance, Decisions = _allocator.Decide.Decisions }, metrics);
        await api.StartAsync(CancellationToken.None);
        return api;
    }

    private Task<HistoryWriter> OpenHistory(IEventLog log, Notices notices, AllocatorMetrics metrics, CancellationToken cancellation) =>
        HistoryWriter.Open(log, _topics, settings.History, $"{settings.Instance}-{HistoryWriter.StandardName}", notices, metrics, TimeProvider.System, cancellation);

    private Func<Role, string, Shard> OpenShard(IEventLog log, LogAddress address, SteadyClock clock)
    {
        var snapshots = address.Snapshots(log, _topics);
        return (role, name) => new Shard(log, role, $"{settings.Instance}-{name}", new ShardOptions(), snapshots, clock);
    }

    /// <param name="all">Predict does not wait for a trainer that never spoke, so it may always expect one: it can run in another process.</param>
    private List<ShardedRole> ShardedRoles(IEventLog log, AllocatorMetrics metrics, Roles all)
    {
        var chosen = new List<Role>();
        if (roles.Contains("ingest"))
            chosen.Add(all.LiveIngest(metrics));
        if (roles.Contains("predict"))
            chosen.Add(all.Predict());
        if (roles.Contains("decide"))
            chosen.Add(all.Decide());
        if (roles.Contains("execute"))
            chosen.Add(all.Execute(Hypervisor(log), live: log));
        if (roles.Contains("train"))
            chosen.Add(all.Train(log));
        return [.. chosen.Select(role => new ShardedRole(role, 1))];
    }

    /// <summary>The hosts and VMs of the inventory as it is now, simulated by the partition of their pools; each VM at its provisioned size.</summary>
    private Func<int, IHypervisor> Hypervisor(IEventLog log)
    {
        var inventory = new NewestInventory(log, _topics);
        var vms = inventory.Vms().ToLookup(vm => StableHash.Partition(vm.PoolId, _allocator.PoolPartitions));
        var hosts = inventory.Hosts().ToLookup(host => StableHash.Partition(host.PoolId, _allocator.PoolPartitions));
        return partition =>
        {
            var simulated = new SimulatedHypervisor(new SimulatedOptions { Vms = [.. vms[partition]], Hosts = [.. hosts[partition]] });
            return settings.DryRun ? new DryRunHypervisor(simulated) : simulated;
        };
    }
}
