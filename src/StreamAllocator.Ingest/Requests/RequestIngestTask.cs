using System.Buffers;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Requests;

/// <summary>
/// The topic requests into every partition of <c>pool-inputs</c>: a request names a VM or a pool, and the decider that holds it takes it up; the
/// others let it pass. So this task needs no copy of the inventory. It has no state.
/// </summary>
public sealed class RequestIngestTask(Topics topics, int poolPartitions, IngestOptions options) : ITask
{
    private static readonly byte[] Schema = Encoding.UTF8.GetBytes(SchemaHeaders.Package + "ControlRequest");

    private readonly Admission _admission = new(topics, Schema, options.MaxRecordBytes);
    private readonly ProtoWriter _writer = new();

    public IngestCounts Counts => _admission.Refusals.Counts;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            Counts.Records++;
            if (Read(record) is { } request)
                Broadcast(request, record.Time, outputs);
            _admission.Refusals.Flush(outputs, batch.Source, record);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        // Nothing: each request is passed on by itself.
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        if (!from.IsEmpty)
            throw new InvalidDataException($"state of {from.Length} bytes: expected none");
    }

    private ControlRequest? Read(LogRecord record)
    {
        if (!_admission.TryRead(record, static value => ControlRequestCodec.Read(new ProtoReader(value)), out var request)
            || !_admission.Obeys(request.Violations()))
            return null;
        // The record's time, not the clock: a replay refuses the same ones.
        var latest = record.Time + options.FutureTolerance;
        if (request.EventTime <= latest)
            return request;
        _admission.Refusals.Add(DeadLetterCause.FutureDated, $"event_time {request.EventTime}: expected at most {latest}");
        return null;
    }

    private void Broadcast(ControlRequest request, EventTime time, OutputBatch outputs)
    {
        Counts.Accepted++;
        _writer.Clear();
        var mark = _writer.Begin(8);
        ControlRequestCodec.WriteFields(_writer, request);
        _writer.End(mark);
        for (var partition = 0; partition < poolPartitions; partition++)
            outputs.Append(new TopicPartition(topics.PoolInputs, partition), time, default, SchemaHeaders.PoolInputs, _writer.Written);
    }
}
