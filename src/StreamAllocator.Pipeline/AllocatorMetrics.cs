using System.Diagnostics.Metrics;
using System.Text.Json;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline;

/// <summary>
/// What the allocator counts and times, as instruments of the meter <see cref="MeterName"/>: whoever runs a part of it feeds it, and an
/// exporter that listens to the meter publishes it. Thread-safe.
/// </summary>
public sealed class AllocatorMetrics : IDisposable
{
    public const string MeterName = "StreamAllocator";

    private readonly Meter _meter = new(MeterName);
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, EventTime> _seen = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Stage, string Shard), EventTime> _ticked = [];
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _shardFailures;
    private readonly Counter<long> _samples;
    private readonly Histogram<double> _stepTimes;
    private readonly Func<EventTime>? _now;

    /// <param name="now">What ticks are compared with; null compares with the stage that has come farthest (driven time).</param>
    public AllocatorMetrics(Func<EventTime>? now = null)
    {
        _now = now;
        _deadLetters = _meter.CreateCounter<long>("streamallocator.dead_letters", description: "Inputs that could not be used, by cause.");
        _decisions = _meter.CreateCounter<long>("streamallocator.decisions", description: "Decisions by kind and binding reason.");
        _shardFailures = _meter.CreateCounter<long>("streamallocator.shard.failures", description: "Shards that failed and were opened anew, by stage.");
        _samples = _meter.CreateCounter<long>(
            "streamallocator.samples", description: "Samples read since the start, by verdict: accepted, duplicate, or missing from a source's numbers.");
        _stepTimes = _meter.CreateHistogram<double>("streamallocator.step.duration", "s", "Time of one step over a batch, by stage.");
        _meter.CreateObservableGauge("streamallocator.tick.lag", Lags, "s", "How far the tick of a stage is behind, in event time.");
        _meter.CreateObservableGauge("streamallocator.tick.time", Times, "s", "Event time that a stage has reached, Unix seconds.");
    }

    public void DeadLetter(DeadLetterCause cause) => _deadLetters.Add(1, Tag("cause", Name(cause)));

    public void Decision(DecisionKind kind, DecisionReason reason) =>
        _decisions.Add(1, Tag("kind", Name(kind)), Tag("reason", Name(reason)));

    /// <inheritdoc cref="Step"/>
    public void ShardFailed(string stage) => _shardFailures.Add(1, Tag("stage", stage));

    /// <param name="verdict">accepted, duplicate, missing; those refused are dead letters.</param>
    public void Samples(string verdict, long count)
    {
        if (count > 0)
            _samples.Add(count, Tag("verdict", verdict));
    }

    /// <param name="stage">ingest, predict, decide, execute, train.</param>
    public void Step(string stage, TimeSpan elapsed) => _stepTimes.Record(elapsed.TotalSeconds, Tag("stage", stage));

    /// <summary>
    /// The tick of a shard of this process has come to this event time; unknown where it has none (any more). A stage is as far as its slowest shard.
    /// </summary>
    public void Ticked(string stage, string shard, EventTime tick)
    {
        lock (_gate)
        {
            if (tick == EventTime.Unknown)
                _ticked.Remove((stage, shard));
            else
                _ticked[(stage, shard)] = tick;
        }
    }

    /// <summary>What the public topics show of a stage: it has come to this event time at least. Counts where no shard of it is in this process.</summary>
    public void Seen(string stage, EventTime time)
    {
        lock (_gate)
        {
            if (!_seen.TryGetValue(stage, out var before) || before < time)
                _seen[stage] = time;
        }
    }

    /// <summary>Counts, by topic, what <paramref name="records"/> says at each look: records ever written.</summary>
    public void ObserveRecords(Func<IEnumerable<(string Topic, long Count)>> records) => _meter.CreateObservableCounter(
        "streamallocator.records",
        () => records().Select(topic => new Measurement<long>(topic.Count, Tag("topic", topic.Topic))),
        description: "Records ever written, by topic.");

    public void Dispose() => _meter.Dispose();

    /// <summary>As the API writes it: <c>no_capacity</c>.</summary>
    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private List<Measurement<double>> Lags()
    {
        var reached = Reached();
        var reference = _now?.Invoke() ?? (reached.Count == 0 ? EventTime.Unknown : reached.Values.Max());
        return [.. reached.Select(stage => new Measurement<double>(Math.Max(0, (reference - stage.Value).TotalSeconds), Tag("stage", stage.Key)))];
    }

    private List<Measurement<double>> Times() =>
        [.. Reached().Select(stage => new Measurement<double>(stage.Value.UnixMilliseconds / 1000.0, Tag("stage", stage.Key)))];

    private SortedDictionary<string, EventTime> Reached()
    {
        lock (_gate)
        {
            var reached = new SortedDictionary<string, EventTime>(_seen, StringComparer.Ordinal);
            foreach (var stage in _ticked.GroupBy(shard => shard.Key.Stage, shard => shard.Value))
                reached[stage.Key] = stage.Min();
            return reached;
        }
    }
}
