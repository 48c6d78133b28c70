using System.Diagnostics;
using Confluent.Kafka;
using StreamAllocator.Chaos.Tests.Checks;
using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Chaos.Tests.Network;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Live;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Schemas;
using StreamAllocator.Testing;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>
/// Two <c>run</c> processes on a broker of their own, and a trace that is published to them. Windows of five minutes, told fifty times as fast, are windows
/// of six seconds; the resource manager's patience is as much shorter, so that there are commands.
/// </summary>
internal sealed class ChaosRun : IDisposable
{
    private const string SettingsText = """
        {
          "Log": "kafka:BROKER",
          "Kafka": { "CallTimeout": "CALL_TIMEOUT" },
          "Allocator": {
            "VmPartitions": 4,
            "PoolPartitions": 2,
            "Ingest": { "Grace": "00:00:03", "Cadence": "00:00:01" },
            "Predict": { "Windows": { "Size": "00:00:06" }, "WarmingWindows": 2 },
            "Decide": {
              "SourceLagLimit": "00:00:30",
              "Decisions": {
                "UpCooldown": "00:00:00", "DownCooldown": "00:00:12", "DownDwell": "00:00:12", "GuardWindow": "00:00:36",
                "ProbeFor": "00:00:12", "GoodAfter": "00:00:12", "BackOffFirst": "00:00:06", "MinChangesPerHour": 10000
              }
            }
          }
        }
        """;

    private const int Pools = 4;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(6);

    /// <summary>Several times what the executor gives a command.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("streamallocator-chaos-").FullName;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly StreamWriter _journal;
    private readonly Topics _topics = new();
    private readonly Dictionary<string, (TickSource Source, string Topic)> _roles;
    private readonly Settings _settings;
    private readonly SharedBroker _broker;
    private readonly PlainLog _log;
    private readonly Fleet _fleet;
    private readonly Publisher _publisher;
    private readonly TickWatch _watch;
    private readonly CancellationTokenSource _enough = new();
    private readonly Task<IReadOnlyList<PublishedSample>> _publishing;

    /// <param name="proxy">Between the broker and everybody else; null where they speak to each other directly.</param>
    /// <param name="callTimeout">Null leaves it as it is.</param>
    public ChaosRun(BrokerProxy? proxy = null, TimeSpan? callTimeout = null)
    {
        _roles = new()
        {
            ["ingest"] = (TickSource.Ingest, _topics.Telemetry),
            ["predict"] = (TickSource.Predict, _topics.VmInputs),
            ["decide"] = (TickSource.Decide, _topics.PoolInputs),
            ["execute"] = (TickSource.Execute, _topics.Commands),
        };
        _journal = new StreamWriter(Path.Combine(_folder, "journal.txt")) { AutoFlush = true };
        _broker = new SharedBroker(proxy is null ? [] : [new("advertised.listeners", $"PLAINTEXT://{proxy.Address}")]);
        proxy?.ForwardTo(_broker.Port("plaintext"));
        var bootstrap = proxy?.Address ?? _broker.Bootstrap;
        var settings = Path.Combine(_folder, SettingsSource.StandardFile);
        File.WriteAllText(settings, SettingsText
            .Replace("BROKER", bootstrap, StringComparison.Ordinal)
            .Replace("CALL_TIMEOUT", $"{callTimeout ?? new KafkaLogOptions().CallTimeout:c}", StringComparison.Ordinal));
        _settings = SettingsSource.Read(new FileInfo(settings), [], []);
        _log = new PlainLog(bootstrap);
        var trace = new Backtest.Traces.TraceOptions { File = SharedFolder.Resolve(Trace) };
        _fleet = Fleet.Of(trace, Pools, _ => { });
        Do("topics", "create", "--log", $"kafka:{bootstrap}", "--vm-partitions", "4", "--pool-partitions", "2");
        _publisher = new Publisher(bootstrap, _topics, trace, _fleet, _settings.Allocator.PoolPartitions);
        _publisher.PublishInventory();
        _watch = new TickWatch(_log, _topics, _settings.Allocator.VmPartitions, _settings.Allocator.PoolPartitions);
        Instances = [.. new[] { "a", "b" }.Select(name => new Instance(name, _folder, Note))];
        foreach (var instance in Instances)
            instance.Start();
        _publishing = _publisher.Run(_enough.Token);
    }

    public static string Trace => "traces/bitbrains_rnd_small.csv.gz";

    public IReadOnlyList<Instance> Instances { get; }

    public SharedBroker Broker => _broker;

    public KafkaLogOptions Kafka => _settings.Kafka;

    public TickWatch Watch => _watch;

    /// <summary>Where the whole story stands.</summary>
    public string Journal => Path.Combine(_folder, "journal.txt");

    public void Note(string what)
    {
        lock (_journal)
            _journal.WriteLine(FormattableString.Invariant($"{_clock.Elapsed.TotalSeconds,8:0.000} {what}"));
    }

    /// <summary>Every stage and partition ticks.</summary>
    public async Task AllTick()
    {
        var since = TickWatch.Now;
        await Until(() => _watch.AllTickedSince(since), () => $"all stages tick; the slowest is {_watch.Slowest().Lane}");
    }

    /// <summary>The instance is a member of every role's group again, so that it takes over what another gives up.</summary>
    public Task IsMember(Instance instance) => Until(
        () => _log.Assigned(_roles.Keys).Where(assigned => assigned.Instance == instance.Name).Select(assigned => assigned.Group).ToHashSet().SetEquals(_roles.Keys),
        () => $"{instance.Name} is a member");

    /// <summary>Every partition of every role has an owner.</summary>
    public Task IsWhole() => Until(() => Lanes(_ => true).Count == _watch.Lanes, () => $"all is owned, not only {string.Join(", ", Lanes(_ => true))}");

    public IReadOnlyCollection<Lane> LanesOf(Instance instance) => Lanes(owner => owner == instance.Name);

    private HashSet<Lane> Lanes(Predicate<string> isOwner) => _log.Assigned(_roles.Keys)
        .Where(assigned => isOwner(assigned.Instance) && assigned.Partition.Topic == _roles[assigned.Group].Topic)
        .Select(assigned => new Lane(_roles[assigned.Group].Source, assigned.Partition.Partition)).ToHashSet();

    public async Task Until(Func<bool> condition, Func<string> what)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < Longest, $"waited {waited.Elapsed.TotalSeconds:0} s until {what()}; {Journal} has the story");
            await Task.Delay(Look);
        }
    }

    /// <summary>Publishes no more, lets all windows close, stops both in good order, and reads what they have left.</summary>
    public async Task<Outcome> End()
    {
        await _enough.CancelAsync();
        var published = await _publishing;
        var end = published[^1].TimeMs;
        await Until(() => _watch.Slowest().TickMs >= end + 2 * Window.TotalMilliseconds, () => $"all have come to the end; the slowest is {_watch.Slowest().Lane}");
        await LastAnswers();
        await Task.WhenAll(Instances.Select(instance => instance.Stop()));
        Note("both have drained");
        var held = _log.HeldUp(_topics.Prefix);
        var log = _log.Read(_topics.Prefix, IsolationLevel.ReadCommitted, "predict", "decide");
        var all = _log.Read(_topics.Prefix, IsolationLevel.ReadUncommitted);
        var findings = new Checker(_settings.Allocator, _topics).Check([.. _fleet.Vms.Select(vm => vm.VmId)], published, log, end);
        foreach (var finding in findings)
            Note($"{finding}");
        return new Outcome(published.Count, log, all.Records - log.Records, held, findings);
    }

    public void Dispose()
    {
        foreach (var instance in Instances)
            instance.Dispose();
        _watch.Dispose();
        _publisher.Dispose();
        _broker.Dispose();
        _journal.Dispose();
        _enough.Dispose();
    }

    /// <summary>A command that decide, held up, issued late is carried out late. One that is never answered is for the checker to find.</summary>
    private async Task LastAnswers()
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < LongestAnswer && new CommandCheck(_topics, _settings.Allocator.VmPartitions).Unanswered(_log.Read(_topics.Prefix, IsolationLevel.ReadCommitted)) > 0)
            await Task.Delay(Look);
    }

    private void Do(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "streamallocator.dll"), .. arguments]) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        Note(process.StandardOutput.ReadToEnd().TrimEnd());
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
    }
}
