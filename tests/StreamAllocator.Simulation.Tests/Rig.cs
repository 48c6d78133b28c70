using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Runs;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Simulation.Tests.Faults;

namespace StreamAllocator.Simulation.Tests;

/// <summary>
/// The whole driven allocator on a log in memory, all roles in turn on one thread. A <see cref="Crash"/> ends every shard; new ones begin on
/// what is committed, as a new process would.
/// </summary>
internal sealed class Rig : IDisposable
{
    private readonly InMemoryLog _inner = new();
    private readonly IEventLog _log;
    private readonly Func<Role, Role> _decorate;
    private readonly Fleet _fleet = Fleet.Of(SyntheticTrace.Options, pools: 4, _ => throw new InvalidDataException("the synthetic trace is sound"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");
    private readonly SnapshotFolder _snapshots;
    private readonly ShardOptions _options;
    private readonly int _shards;
    private readonly List<Shard> _running = [];
    private AllocatorOptions _allocator;
    private Lineage? _lineage;

    public Rig(
        int batchSize = 3, int shards = 1, Func<IEventLog, IEventLog>? log = null, Func<Role, Role>? decorate = null, int snapshotEvery = 40, int vmPartitions = 2)
    {
        _snapshots = new SnapshotFolder(_folder.FullName);
        _allocator = Options with { VmPartitions = vmPartitions };
        _log = log is null ? _inner : log(_inner);
        _decorate = decorate ?? (role => role);
        _options = new ShardOptions { BatchSize = batchSize, PollWait = TimeSpan.Zero, SnapshotEvery = snapshotEvery };
        _shards = shards;
        _inner.CreateTopics(Topics.All(vmPartitions, Options.PoolPartitions, keepAll: true));
        new Genesis(_inner, Topics, _allocator).Write(_fleet);
        Start();
    }

    public static AllocatorOptions Options { get; } = AllocatorOptions.Driven("sim");

    public Topics Topics { get; } = new(Topics.ForRun("sim"));

    public Fleet Fleet => _fleet;

    public IEventLog Log => _inner;

    public int Crashes { get; private set; }

    /// <summary>Runs until there is nothing left to do. <paramref name="eachRound"/> may throw a <see cref="Crash"/> or change members.</summary>
    public void Run(Action<int>? eachRound = null)
    {
        var idle = 0;
        for (var round = 0; idle < 4; round++)
        {
            try
            {
                eachRound?.Invoke(round);
                var busy = false;
                foreach (var shard in _running)
                    busy |= shard.RunOnce();
                idle = busy ? 0 : idle + 1;
            }
            catch (Exception exception) when (exception is Crash or LogFencedException or LogOutcomeUnknownException)
            {
                Crashes++;
                Stop();
                Start();
                idle = 0;
            }
        }
    }

    /// <summary>Stops, raises the partitions of <c>vm-inputs</c>, and starts with as many.</summary>
    /// <param name="grow">Carries it out, more often than once where it is broken off.</param>
    public void Grow(int partitions, Action<Func<IEventLog, Growth>, int>? grow = null)
    {
        Stop();
        var growth = (IEventLog log) => new Growth(log, Topics, LogLayout.Find(_inner, Topics, _allocator).ApplyTo(_allocator), _snapshots) { Patience = TimeSpan.Zero };
        (grow ?? ((of, count) => of(_inner).Raise(count, CancellationToken.None)))(growth, partitions);
        var layout = LogLayout.Of(_inner, Topics, _allocator);
        (_allocator, _lineage) = (layout.ApplyTo(_allocator), layout.VmInputs);
        Start();
    }

    /// <summary>What comes next recovers from the log alone.</summary>
    public void LoseSnapshots()
    {
        foreach (var file in _folder.EnumerateFiles())
            file.Delete();
    }

    /// <summary>The digest of each output topic, by its short name.</summary>
    public IReadOnlyDictionary<string, string> Digests()
    {
        using var digest = new RunDigest(Topics);
        digest.AddAll(_inner, CancellationToken.None);
        return digest.Results().ToDictionary(result => result.Topic, result => result.Digest);
    }

    public void Dispose()
    {
        Stop();
        _inner.Dispose();
    }

    private void Start()
    {
        var roles = new Roles(_allocator, Topics, _lineage);
        var simulated = new SimulatedOptions { Seed = 1, Hosts = _fleet.Hosts, Vms = _fleet.Vms };
        foreach (var role in new[]
        {
            roles.World(new RecordedWorld(Topics, _allocator, _fleet, SyntheticTrace.Options).Create), roles.Ingest(), roles.Predict(), roles.Decide(), roles.Execute(_ => new SimulatedHypervisor(simulated), live: null),
        })
        {
            for (var shard = 0; shard < _shards; shard++)
                _running.Add(new Shard(_log, _decorate(role), $"shard-{shard}", _options, _snapshots));
        }
    }

    private void Stop()
    {
        foreach (var shard in _running)
            shard.Dispose();
        _running.Clear();
    }
}
