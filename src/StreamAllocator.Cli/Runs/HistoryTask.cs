using System.Buffers;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Ingest;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Runs;

/// <summary>
/// The world of a run over a log's history: folds a partition of the run's <c>pool-inputs</c>, of which it reads the execute task's ticks. On
/// tick T it publishes all telemetry that had come by T, as it stands in the log, then the heartbeat of T. What changed meanwhile in inventory,
/// calendar and requests it routes itself, by ingest's own tasks, in the same commit: round T then finds it in place, whatever the shards.
/// So it never runs ahead of the executor.
/// </summary>
internal sealed class HistoryTask : ITask, IDisposable
{
    /// <summary>A window waits this long past its end, as live: the heartbeat of T comes after the first record of T + grace.</summary>
    private static readonly TimeSpan Grace = new IngestOptions().Grace;

    private readonly Topics _topics;
    private readonly AllocatorOptions _options;
    private readonly int _partition;
    private readonly Fleet _span;
    private readonly IReadOnlyList<HistoryReader> _telemetry;
    private readonly IReadOnlyList<HistoryEdge> _edges;
    private readonly ProtoWriter _writer = new();
    private readonly OutputBatch _routed = new();
    private EventTime _heartbeat = EventTime.Unknown;

    /// <param name="span">Only its start and end are read.</param>
    /// <param name="telemetry">Partitions of the log's telemetry that this task publishes.</param>
    /// <param name="edges">What it routes.</param>
    public HistoryTask(
        Topics topics, AllocatorOptions options, int partition, Fleet span, IReadOnlyList<HistoryReader> telemetry, IReadOnlyList<HistoryEdge> edges)
    {
        _topics = topics;
        _options = options;
        _partition = partition;
        _span = span;
        _telemetry = telemetry;
        _edges = edges;
    }

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var inputs = new ProtoReader(batch[index].Value);
            while (inputs.Next())
            {
                if (inputs.Field == 15 && Tick.Read(inputs.Message()) is { Source: TickSource.Execute } tick)
                    Reach(tick.Time, outputs);
            }
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_heartbeat.UnixMilliseconds);
        foreach (var reader in _telemetry)
            state.Int64(reader.Next);
        foreach (var edge in _edges)
            edge.Save(state);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _heartbeat = new EventTime(state.Int64());
        foreach (var reader in _telemetry)
            reader.SkipTo(state.Int64());
        foreach (var edge in _edges)
            edge.Load(ref state);
    }

    public void Dispose()
    {
        foreach (var reader in _telemetry)
            reader.Dispose();
        foreach (var edge in _edges)
            edge.Dispose();
        _routed.Dispose();
    }

    private void Reach(EventTime time, OutputBatch outputs)
    {
        var cadence = _options.Predict.Windows.Size;
        var next = _heartbeat == EventTime.Unknown ? _span.Start : _heartbeat + cadence;
        for (; next <= time && next <= _span.End; next += cadence)
            Publish(next, outputs);
    }

    private void Publish(EventTime time, OutputBatch outputs)
    {
        foreach (var edge in _edges)
            edge.Play(time, _routed);
        Route(outputs);
        foreach (var reader in _telemetry)
        {
            while (reader.Any() && reader.IsBefore(time + Grace))
                Publish(reader, outputs);
        }

        _heartbeat = time;
        _writer.Clear();
        var mark = _writer.Begin(2);
        _writer.Int64(1, time.UnixMilliseconds);
        _writer.End(mark);
        outputs.Append(new TopicPartition(_topics.Telemetry, _partition), time, [], SchemaHeaders.Telemetry, _writer.Written);
    }

    private void Publish(HistoryReader reader, OutputBatch outputs)
    {
        var record = reader.Current;
        var value = ForeignHeartbeat.Remove(record.Value, out var heartbeat);
        var isMeant = !value.IsEmpty || record.Value.IsEmpty;
        if (isMeant && record.Time >= _span.Start && (heartbeat is null || heartbeat > _span.Start))
            outputs.Append(new TopicPartition(_topics.Telemetry, _partition), record.Time, record.Key, record.Headers, value);
        reader.Advance();
    }

    /// <summary>Of what all tasks route alike this one writes what is for its own pools; the first writes what is for all.</summary>
    private void Route(OutputBatch outputs)
    {
        for (var index = 0; index < _routed.Count; index++)
        {
            var target = _routed.Target(index);
            var record = _routed[index];
            if (target.Topic == _topics.PoolInputs ? target.Partition == _partition : _partition == 0)
                outputs.Append(target, record.Time, record.Key, record.Headers, record.Value);
        }

        _routed.Clear();
    }
}
