using System.Buffers;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Calendar;

/// <summary>
/// The topic calendar (key = schedule id, empty value removes) into every partition of <c>vm-inputs</c>: each schedule expanded into dated
/// occurrences ahead of time, each given once. Time comes from the clock (live), or from the records and from <c>Heartbeat</c> messages in
/// the topic (driven). Belongs to one thread.
/// </summary>
public sealed class CalendarIngestTask(Topics topics, int vmPartitions, IngestOptions options) : IClockedTask
{
    private static readonly byte[] Schema = Encoding.UTF8.GetBytes(SchemaHeaders.Package + "Schedule");
    private static readonly byte[] HeartbeatSchema = Encoding.UTF8.GetBytes(SchemaHeaders.Package + "Heartbeat");

    /// <summary>Occurrences are given this long before they start, and looked for this often: far apart, so that a restart misses none.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(48);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly SortedDictionary<string, Expansion> _schedules = new(StringComparer.Ordinal);
    private readonly Admission _admission = new(topics, Schema, options.MaxRecordBytes);
    private readonly ProtoWriter _writer = new();
    private EventTime _now = EventTime.Unknown;
    private EventTime _expandedAt = EventTime.Unknown;

    public IngestCounts Counts => _admission.Refusals.Counts;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            Counts.Records++;
            if (Fold(record))
                Counts.Accepted++;
            _admission.Refusals.Flush(outputs, batch.Source, record);
            if (options.Driven)
                Expand(outputs);
        }
    }

    public void OnClock(EventTime now, EventTime? caughtUpTo, OutputBatch outputs)
    {
        if (options.Driven)
            return;
        Reach(now);
        // Within a backlog a schedule may still be changed or removed.
        if (caughtUpTo is not null)
            Expand(outputs);
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_now.UnixMilliseconds);
        state.Int64(_expandedAt.UnixMilliseconds);
        state.Int64(_schedules.Count);
        foreach (var expansion in _schedules.Values)
        {
            _writer.Clear();
            ScheduleCodec.WriteFields(_writer, expansion.Schedule);
            state.Array(_writer.Written);
            state.Int64(expansion.ExpandedTo.UnixMilliseconds);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _now = new EventTime(state.Int64());
        _expandedAt = new EventTime(state.Int64());
        for (var count = state.Int64(); count > 0; count--)
        {
            var schedule = ScheduleCodec.Read(new ProtoReader(state.Part()));
            _schedules.Add(schedule.ScheduleId, new Expansion(schedule, new EventTime(state.Int64())));
        }
    }

    private bool Fold(LogRecord record)
    {
        if (RecordHeaders.TryFind(record.Headers, "schema"u8, out var schema) && schema.SequenceEqual(HeartbeatSchema))
            return Heartbeat(record);
        if (options.Driven)
            Reach(record.Time);
        var key = Encoding.UTF8.GetString(record.Key);
        if (record.Value.IsEmpty)
        {
            _schedules.Remove(key);
            return true;
        }

        return Put(key, record);
    }

    private bool Put(string key, LogRecord record)
    {
        if (!_admission.TryRead(record, static value => ScheduleCodec.Read(new ProtoReader(value)), out var schedule)
            || !_admission.Obeys(schedule.Violations(), record, key, schedule.ScheduleId))
            return false;
        if (_schedules.TryGetValue(key, out var known) && known.Schedule == schedule)
            return true;
        _schedules[key] = new Expansion(schedule, record.Time - schedule.Duration);
        _expandedAt = EventTime.Unknown;
        return true;
    }

    private bool Heartbeat(LogRecord record)
    {
        try
        {
            var reader = new ProtoReader(record.Value);
            while (reader.Next())
            {
                if (reader.Field == 1 && options.Driven)
                    Reach(new EventTime(reader.Int64()));
            }

            return true;
        }
        catch (WireFormatException exception)
        {
            _admission.Refusals.Add(DeadLetterCause.Malformed, exception.Message);
            return false;
        }
    }

    private void Reach(EventTime time)
    {
        if (time > _now && CivilTime.IsMeant(time.UnixMilliseconds))
            _now = time;
    }

    private void Expand(OutputBatch outputs)
    {
        if (_now == EventTime.Unknown || (_expandedAt != EventTime.Unknown && _now < _expandedAt + Every))
            return;
        _expandedAt = _now;
        foreach (var expansion in _schedules.Values)
        {
            foreach (var occurrence in expansion.Take(_now, _now + Ahead))
                Broadcast(occurrence, outputs);
        }
    }

    private void Broadcast(Occurrence occurrence, OutputBatch outputs)
    {
        _writer.Clear();
        var mark = _writer.Begin(3);
        OccurrenceCodec.WriteFields(_writer, occurrence);
        _writer.End(mark);
        for (var partition = 0; partition < vmPartitions; partition++)
            outputs.Append(new TopicPartition(topics.VmInputs, partition), _now, default, SchemaHeaders.VmInputs, _writer.Written);
    }
}
