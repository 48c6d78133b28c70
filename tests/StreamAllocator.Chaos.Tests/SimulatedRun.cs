using System.Text;
using StreamAllocator.Chaos.Tests.Checks;
using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Decide;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Chaos.Tests;

/// <summary>
/// A live run on a log in memory and a clock that the test moves: twelve VMs, a sample each two seconds for three minutes, windows of six seconds. A few
/// samples come too late, and a VM that nobody knows has some.
/// </summary>
internal sealed class SimulatedRun : IDisposable
{
    private static readonly EventTime Start = EventTime.StartOfWindow(292_333_350, TimeSpan.FromSeconds(6));
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    private readonly Topics _topics = new();
    private readonly InMemoryLog _log = new();
    private readonly SteppedClock _clock = new(Start);
    private readonly ILogProducer _agent;
    private readonly List<Shard> _shards = [];
    private readonly List<PublishedSample> _published = [];
    private readonly List<(EventTime Due, PublishedSample Sample)> _delayed = [];
    private readonly Fleet _fleet = Fleet.Of(Enumerable.Range(0, 12).Select(vm => ($"vm-{vm}", new VmSize(4, 8))), pools: 3, Start);

    private SimulatedRun()
    {
        var roles = new Roles(Options with { Train = true }, _topics);
        var simulated = new SimulatedOptions { Hosts = _fleet.Hosts, Vms = _fleet.Vms };
        _log.CreateTopics(_topics.All(Options.VmPartitions, Options.PoolPartitions, keepAll: true));
        _agent = _log.OpenProducer("agent");
        using var outputs = new OutputBatch();
        foreach (var entry in InventoryEntry.Of(_fleet, _topics))
            outputs.Append(new TopicPartition(entry.Topic, 0), Start, entry.Key, entry.Headers, entry.Value);
        Commit(outputs);
        foreach (var role in new[] { roles.LiveIngest(), roles.Predict(), roles.Decide(), roles.Execute(_ => new SimulatedHypervisor(simulated), live: _log), roles.Train(_log) })
            _shards.Add(new Shard(_log, role, "shard", new ShardOptions { PollWait = TimeSpan.Zero }, null, _clock));
        Run();
    }

    public static AllocatorOptions Options { get; } = new()
    {
        VmPartitions = 3,
        PoolPartitions = 2,
        Ingest = new() { Grace = TimeSpan.FromSeconds(3), Cadence = TimeSpan.FromSeconds(1) },
        Predict = new() { Windows = new() { Size = TimeSpan.FromSeconds(6) }, WarmingWindows = 2 },
        Decide = new DecideOptions
        {
            SourceLagLimit = TimeSpan.FromSeconds(30),
            Decisions = new()
            {
                UpCooldown = TimeSpan.Zero,
                DownCooldown = TimeSpan.FromSeconds(6),
                DownDwell = TimeSpan.FromSeconds(6),
                GuardWindow = TimeSpan.FromSeconds(12),
                MinChangesPerHour = 10_000,
                BackOffFirst = TimeSpan.FromSeconds(6),
            },
        },
    };

    public static Lazy<SimulatedRun> Once { get; } = new(() => new SimulatedRun());

    public Topics Topics => _topics;

    public Transcript Transcript { get; private set; } = null!;

    public IReadOnlyList<Finding> Check(Transcript log) =>
        new Checker(Options, _topics).Check([.. _fleet.Vms.Select(vm => vm.VmId)], _published, log, (_clock.Now - TimeSpan.FromSeconds(90)).UnixMilliseconds);

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
        _agent.Dispose();
        _log.Dispose();
    }

    private void Run()
    {
        for (; _clock.Now < Start + Length + TimeSpan.FromSeconds(30); _clock.Now += Turn)
        {
            if (_clock.Now < Start + Length && _clock.Now.UnixMilliseconds % 2000 == 0)
                Sample(_clock.Now);
            Publish();
            foreach (var shard in _shards)
                shard.RunOnce();
        }

        while (_shards.Aggregate(false, (busy, shard) => busy | shard.RunOnce()))
        {
        }

        Transcript = Read();
    }

    private void Sample(EventTime time)
    {
        var turn = (time - Start).TotalSeconds / 2;
        for (var vm = 0; vm < _fleet.Vms.Count; vm++)
        {
            var demand = 0.5 + vm % 3 + Math.Abs((turn + 7 * vm) % 40 - 20) / 12;
            var sample = new PublishedSample(
                _fleet.Vms[vm].VmId, time.UnixMilliseconds + vm, [.. new[] { demand, demand * 2, 1000 * demand, 100 * vm }.Select(PublishedSample.Dyadic)]);
            _delayed.Add((turn % 31 == vm ? time + TimeSpan.FromSeconds(20) : time, sample));
        }

        if (turn % 30 == 5)
            _delayed.Add((time, new PublishedSample("nobody", time.UnixMilliseconds, [1, 1, 1, 1])));
    }

    private void Publish()
    {
        using var outputs = new OutputBatch();
        foreach (var (_, sample) in _delayed.Where(entry => entry.Due <= _clock.Now).OrderBy(entry => entry.Due))
        {
            var key = Encoding.UTF8.GetBytes(sample.VmId);
            outputs.Append(new TopicPartition(_topics.Telemetry, StableHash.Partition(key, Options.PoolPartitions)), _clock.Now, key, SchemaHeaders.Telemetry, sample.Encode());
            _published.Add(sample);
        }

        _delayed.RemoveAll(entry => entry.Due <= _clock.Now);
        if (outputs.Count > 0)
            Commit(outputs);
    }

    private void Commit(OutputBatch outputs)
    {
        _agent.Send(outputs);
        _agent.Commit(null, []);
    }

    private Transcript Read()
    {
        var partitions = new Dictionary<TopicPartition, List<TopicRecord>>();
        var committed = new Dictionary<(string, TopicPartition), long>();
        using var batch = new RecordBatch();
        foreach (var partition in _log.Topics().SelectMany(topic => Enumerable.Range(0, topic.Partitions).Select(index => new TopicPartition(topic.Name, index))))
        {
            using var reader = _log.Read([partition]);
            var records = partitions[partition] = [];
            while (reader.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
            {
                for (var index = 0; index < batch.Count; index++)
                    records.Add(new TopicRecord(
                        batch[index].Offset, batch[index].Time.UnixMilliseconds, Encoding.UTF8.GetString(batch[index].Key), batch[index].Headers.ToArray(), batch[index].Value.ToArray()));
            }

            foreach (var group in new[] { "predict", "decide" })
                committed[(group, partition)] = _log.Committed(group, partition) ?? 0;
        }

        return new Transcript(partitions, committed);
    }

    /// <summary>A wall clock that stands until the test moves it.</summary>
    private sealed class SteppedClock(EventTime now) : TimeProvider
    {
        public EventTime Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();
    }
}
