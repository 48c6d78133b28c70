using System.Buffers;
using System.Text;
using System.Text.Json;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>
/// The edge where samples come in: one partition of <c>telemetry</c> into all of <c>vm-inputs</c>. Decodes Protobuf and JSON, gives each
/// sample one verdict, converts, and makes time a record. The law of lateness stands in <see cref="IsLate"/>. Whether the inventory knows a VM
/// is decided downstream. Belongs to one thread.
/// </summary>
/// <param name="partition">Partition of <c>telemetry</c> that it reads.</param>
/// <param name="partitions">How many there are: as many sources of ticks.</param>
/// <param name="vmPartitions">Partitions of <c>vm-inputs</c>.</param>
/// <param name="metrics">Fed with the verdicts after each step; null where nobody listens.</param>
public sealed class TelemetryIngestTask(
    Topics topics, int partition, int partitions, int vmPartitions, IngestOptions options, AllocatorMetrics? metrics = null) : IPacedTask
{
    /// <summary>Names beyond this many empty the pool of metric names: it only saves memory, and an agent must not fill it.</summary>
    private const int MaxPooledNames = 65_536;

    /// <summary>A first start goes back no farther: one agent that takes the year for 1970 must not have every window since then closed.</summary>
    private static readonly TimeSpan LongestFirstBacklog = TimeSpan.FromDays(1);

    private static readonly byte[] JsonSchema = "application/json"u8.ToArray();
    private static readonly byte[] Replayed = Encoding.UTF8.GetBytes(RecordHeaders.Replayed);
    private static readonly byte[] ProtoSchema = "streamallocator.v1.Telemetry"u8.ToArray();

    private readonly VmInputsWriter _writer = new(topics.VmInputs, partition, vmPartitions);
    private readonly VmRows _rows = new(vmPartitions, options.MaxVms);
    private readonly SampleFields _sample = new();
    private readonly Refusals _refusals = new(new DeadLetters(topics));
    private readonly long _windowMilliseconds = (long)options.Window.TotalMilliseconds;
    private StringPool _names = new();
    private EventTime _newestTick = EventTime.Unknown;
    private EventTime _newestRead = EventTime.Unknown;
    private EventTime _now = EventTime.Unknown;
    private EventTime _recordTime = EventTime.Unknown;

    public IngestCounts Counts => _refusals.Counts;

    public EventTime Reached => _newestTick;

    public void Step(RecordBatch batch, OutputBatch outputs) => StepUpTo(new EventTime(long.MaxValue), batch, outputs);

    public int StepUpTo(EventTime limit, RecordBatch batch, OutputBatch outputs)
    {
        var folded = 0;
        while (folded < batch.Count && _newestTick <= limit)
        {
            var record = batch[folded++];
            Counts.Records++;
            var heartbeat = Fold(record, outputs);
            _refusals.Flush(outputs, batch.Source, record);
            if (options.Driven && heartbeat is { } time)
                Tick(time, outputs);
        }

        _writer.Flush(outputs, null);
        if (metrics is not null)
            Counts.Feed(metrics);
        if (_names.Count > MaxPooledNames)
            _names = new StringPool();
        return folded;
    }

    /// <summary>
    /// Live: at the end of the partition the clock, within a backlog the newest sample read (never beyond the clock), minus the grace. Driven: nothing.
    /// </summary>
    public void OnClock(EventTime now, EventTime? caughtUpTo, OutputBatch outputs)
    {
        if (options.Driven)
            return;
        _now = now;
        if (caughtUpTo is { } time)
            TickAligned(Earlier(now - options.Grace, time), outputs);
        else if (_newestRead != EventTime.Unknown)
            TickAligned(Earlier(now, _newestRead) - options.Grace, outputs);
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_newestTick.UnixMilliseconds);
        state.Int64(_newestRead.UnixMilliseconds);
        state.Part(_rows.Save);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _newestTick = new EventTime(state.Int64());
        _newestRead = new EventTime(state.Int64());
        _rows.Load(state.Part());
    }

    /// <summary>
    /// Live, within a backlog time passes with the samples, not with the batches: downstream few windows are open, and the first of all begins with
    /// the first sample. While the clock has not been heard of, what comes out is suppressed anyway.
    /// </summary>
    private void PassTime(EventTime sample, OutputBatch outputs)
    {
        if (options.Driven || _now == EventTime.Unknown)
            return;
        var reached = Earlier(_now, sample > _newestRead ? sample : _newestRead) - options.Grace;
        if (_newestTick == EventTime.Unknown)
            TickAligned(Later(reached, _now - LongestFirstBacklog), outputs);
        else if (reached >= _newestTick + options.Window)
            TickAligned(reached, outputs);
    }

    private void TickAligned(EventTime time, OutputBatch outputs) =>
        Tick(EventTime.StartOfWindow(time.WindowIndex(options.Cadence), options.Cadence), outputs);

    private static EventTime Later(EventTime one, EventTime other) => one < other ? other : one;

    private static EventTime Earlier(EventTime one, EventTime other) => one < other ? one : other;

    private void Tick(EventTime time, OutputBatch outputs)
    {
        if (time <= _newestTick)
            return;
        _newestTick = time;
        _writer.Flush(outputs, new Tick(TickSource.Ingest, partition, partitions, time));
    }

    /// <returns>The heartbeat of the record, if it carries one.</returns>
    private EventTime? Fold(LogRecord record, OutputBatch outputs)
    {
        _recordTime = record.Time;
        if (record.Value.Length > options.MaxRecordBytes)
        {
            _refusals.Add(DeadLetterCause.Oversized, $"a value of {record.Value.Length} bytes: expected at most {options.MaxRecordBytes}");
            return null;
        }

        var named = RecordHeaders.TryFind(record.Headers, "schema"u8, out var schema);
        var json = named ? schema.SequenceEqual(JsonSchema) : record.Value.StartsWith("{"u8);
        if (named && !json && !schema.SequenceEqual(ProtoSchema))
        {
            _refusals.Add(DeadLetterCause.UnknownSchema, $"schema '{Text.Printable(schema)}': expected streamallocator.v1.Telemetry or application/json");
            return null;
        }

        try
        {
            var frame = json ? TelemetryJson.CheckFrame(record.Value) : TelemetryProto.CheckFrame(record.Value);
            var samples = json ? FoldJson(record, frame.Source, outputs) : FoldProto(record, frame.Source, outputs);
            if (frame.Heartbeat is not { } time)
            {
                if (samples == 0)
                    _refusals.Add(DeadLetterCause.Invalid, "a message without a sample: expected one at least, or a heartbeat");
                return null;
            }

            if (CivilTime.IsMeant(time))
                return new EventTime(time);
            _refusals.Add(DeadLetterCause.Invalid, $"heartbeat at {time} ms: expected a time from 1970 to 9999");
            return null;
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            _refusals.Add(DeadLetterCause.Malformed, exception.Message);
            return null;
        }
    }

    /// <returns>How many samples it has.</returns>
    private int FoldProto(LogRecord record, ulong source, OutputBatch outputs)
    {
        var reader = new ProtoReader(record.Value);
        var index = 0;
        for (; TelemetryProto.NextSample(ref reader, out var sample); index++)
        {
            try
            {
                TelemetryProto.ReadSample(sample, _sample, _names);
            }
            catch (WireFormatException exception)
            {
                Refuse(DeadLetterCause.Malformed, index, exception.Message);
                continue;
            }

            FoldSample(index, record, source, outputs);
        }

        return index;
    }

    private int FoldJson(LogRecord record, ulong source, OutputBatch outputs)
    {
        var reader = TelemetryJson.Open(record.Value);
        var within = false;
        var index = 0;
        for (; TelemetryJson.NextSample(ref reader, ref within); index++)
        {
            try
            {
                TelemetryJson.ReadSample(ref reader, _sample, _names);
            }
            catch (Exception exception) when (IsMalformed(exception))
            {
                Refuse(DeadLetterCause.Malformed, index, exception.Message);
                continue;
            }

            FoldSample(index, record, source, outputs);
        }

        return index;
    }

    private void FoldSample(int index, LogRecord record, ulong source, OutputBatch outputs)
    {
        var row = _rows.Find(_sample.VmId);
        if (row < 0)
            Refuse(DeadLetterCause.Invalid, index, _rows.IsFull ? $"more than {_rows.Count} VMs" : $"vm_id: expected {Identifier.Expected}");
        else if (source != 0 && _sample.Sequence != 0 && IsRepeated(row, source, record))
            Counts.Duplicates++;
        else if (SampleVerdicts.Judge(_sample, out var detail) is { } cause)
            Refuse(cause, index, $"'{_rows.Id(row)}': {detail}");
        else if (LatestAllowed() is var latest && _sample.EventTime > latest)
            Refuse(DeadLetterCause.FutureDated, index, $"'{_rows.Id(row)}': {new EventTime(_sample.EventTime)}: expected at most {new EventTime(latest)}");
        else if (_rows.Newest(row) == _sample.EventTime)
            Counts.Duplicates++;
        else if (IsLate(_sample.EventTime))
            Refuse(DeadLetterCause.Late, index, $"'{_rows.Id(row)}': {new EventTime(_sample.EventTime)}: its window closed at {_newestTick}");
        else
            Accept(row, record.Offset, outputs);
    }

    /// <summary>
    /// A number counts as seen whatever becomes of its sample, so that what is refused is refused once. What an operator sends again on purpose
    /// (<c>dead-letter replay</c>) has a number that was seen.
    /// </summary>
    private bool IsRepeated(int row, ulong source, LogRecord record)
    {
        ref var numbering = ref _rows.Numbering(row);
        if (numbering.HasSeen(source, _sample.Sequence, _sample.EventTime))
            return !RecordHeaders.TryFind(record.Headers, Replayed, out _);
        Counts.Missing += numbering.MissingBefore(source, _sample.Sequence);
        numbering = numbering.After(source, _sample.Sequence, _sample.EventTime);
        return false;
    }

    private void Accept(int row, long offset, OutputBatch outputs)
    {
        Span<float> columns = stackalloc float[SampleFields.ColumnCount];
        SampleConversion.Convert(_sample, _rows, row, columns);
        var time = new EventTime(_sample.EventTime);
        PassTime(time, outputs);
        var target = _writer.Columns(_rows.Partition(row));
        target.Add(_rows.Id(row), time, columns, offset);
        foreach (var (name, value) in _sample.Metrics)
            target.AddMetric(name, (float)value + 0f);
        _rows.Newest(row) = Math.Max(_rows.Newest(row), _sample.EventTime);
        _newestRead = time > _newestRead ? time : _newestRead;
        Counts.Accepted++;
    }

    /// <summary>
    /// A sample belongs to the window that holds its event time, <c>floor(event time / size)</c>, and is late once that window has closed: its
    /// end is at or before the newest tick. One dated exactly at a tick opens the window that starts there, and is in time.
    /// </summary>
    private bool IsLate(long eventTime) => _newestTick != EventTime.Unknown
        && EventTime.FloorDiv(eventTime, _windowMilliseconds) < EventTime.FloorDiv(_newestTick.UnixMilliseconds, _windowMilliseconds);

    /// <summary>
    /// Live, while the clock has not been heard of (a restart that folds its input again), the record's own time stands for it: a date far in the
    /// future must not become the newest time of a counter.
    /// </summary>
    private long LatestAllowed()
    {
        var present = options.Driven ? _newestTick : _now == EventTime.Unknown ? _recordTime : _now;
        return present == EventTime.Unknown ? long.MaxValue : (present + options.FutureTolerance).UnixMilliseconds;
    }

    private void Refuse(DeadLetterCause cause, int index, string detail) => _refusals.Add(cause, $"sample {index}: {detail}");

    /// <summary>Utf8JsonReader reports an escape that is no text as an invalid operation, and a number that is none as a format error.</summary>
    private static bool IsMalformed(Exception exception) =>
        exception is WireFormatException or JsonException or InvalidOperationException or FormatException;
}
