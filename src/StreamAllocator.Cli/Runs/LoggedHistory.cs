using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Ingest;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Cli.Runs;

/// <summary>
/// The history that a log keeps, as what a run begins with and the world that it then meets. Read without a group: nothing in the log changes.
/// What is written to it later is not part of it.
/// </summary>
internal sealed class LoggedHistory
{
    private readonly IEventLog _log;
    private readonly Topics _names;
    private readonly TopicSpec _telemetry;
    private readonly Dictionary<string, long> _ends;

    /// <param name="prefix">Of the log's topics.</param>
    /// <param name="from">Start, cut to a whole window; null begins with the first sample.</param>
    /// <param name="to">End, up to a whole window; null ends with the newest sample that is not dated after <paramref name="now"/>.</param>
    /// <exception cref="UsageException">There is no such history; says what there is.</exception>
    public LoggedHistory(IEventLog log, string prefix, EventTime? from, EventTime? to, TimeSpan window, EventTime now)
    {
        _log = log;
        _names = new Topics(prefix);
        _telemetry = TopicReader.Find(log, prefix, _names.Telemetry);
        _ends = Edges().ToDictionary(topic => topic, topic => log.EndOffset(new TopicPartition(topic, 0)), StringComparer.Ordinal);
        var span = RecordedSpan.Find(log, _telemetry, now)
            ?? throw new UsageException($"topic '{_telemetry.Name}': it holds no sample: expected telemetry to take through");
        var (first, last) = (span.First.WindowIndex(window), span.Last.WindowIndex(window) + 1);
        var start = from?.WindowIndex(window) ?? first;
        var end = to is { } until ? (until - TimeSpan.FromMilliseconds(1)).WindowIndex(window) + 1 : last;
        if (start >= end || start >= last || end <= first)
        {
            throw new UsageException(
                $"span {EventTime.StartOfWindow(start, window)} to {EventTime.StartOfWindow(end, window)}: expected a part of what the log holds, "
                + $"{EventTime.StartOfWindow(first, window)} to {EventTime.StartOfWindow(last, window)}");
        }

        var inventory = new LoggedInventory(log, _names, EventTime.StartOfWindow(start, window));
        Fleet = inventory.Fleet with { End = EventTime.StartOfWindow(end, window) };
        if (Fleet.Vms.Count == 0)
            throw new UsageException($"topic '{_names.Vms}': it holds no VM: telemetry of VMs that are not in the inventory is refused");
    }

    public Fleet Fleet { get; }

    /// <summary>The world of a pool partition: telemetry partitions are dealt out among the run's.</summary>
    /// <param name="telemetryOnly">Inventory, calendar and requests stand elsewhere.</param>
    public HistoryTask World(Topics topics, AllocatorOptions options, int partition, bool telemetryOnly = false) => new(
        topics, options, partition, Fleet, [.. Telemetry(options, partition)],
        [.. (telemetryOnly ? [] : Edges()).Select(topic => Edge(topic, topics, options))]);

    private IEnumerable<string> Edges() =>
        new[] { _names.Vms, _names.Hosts, _names.Offers, _names.Calendar, _names.Requests }.Intersect(_log.Topics().Select(topic => topic.Name));

    private IEnumerable<HistoryReader> Telemetry(AllocatorOptions options, int partition)
    {
        for (var source = partition; source < _telemetry.Partitions; source += options.PoolPartitions)
        {
            var from = new TopicPartition(_telemetry.Name, source);
            yield return new HistoryReader(_log, from, _log.OffsetAt(from, Fleet.Start), _log.EndOffset(from));
        }
    }

    private HistoryEdge Edge(string topic, Topics run, AllocatorOptions options)
    {
        var source = new TopicPartition(topic, 0);
        // A request counts once; what a person asked for before the run began was another allocator's to answer.
        var begin = topic == _names.Requests ? _log.OffsetAt(source, Fleet.Start) : _log.BeginOffset(source);
        var reader = new HistoryReader(_log, source, begin, Math.Max(begin, _ends[topic]));
        var quietUntil = topic == _names.Calendar ? EventTime.Unknown : Fleet.Start;
        return new HistoryEdge(reader, Task(topic, run, options), quietUntil, heartbeats: topic == _names.Calendar);
    }

    /// <summary>Ingest's task for the run's topic of the same kind.</summary>
    private ITask Task(string topic, Topics run, AllocatorOptions options)
    {
        var role = IngestRole.Create(run, options.Ingest, options.VmPartitions, options.PoolPartitions);
        var kind = topic == _names.Vms ? run.Vms : topic == _names.Hosts ? run.Hosts : topic == _names.Offers ? run.Offers
            : topic == _names.Calendar ? run.Calendar : run.Requests;
        return role.Create(new TopicPartition(kind, 0));
    }
}
