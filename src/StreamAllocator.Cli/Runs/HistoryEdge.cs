using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Runs;

/// <summary>A topic beside telemetry (inventory, calendar, requests), folded by ingest's own task for it, up to the time that the run has reached.</summary>
/// <param name="quietUntil">What is dated earlier is folded, and nothing written of it: the run begins with it.</param>
/// <param name="heartbeats">The task takes its time from heartbeats among the records.</param>
internal sealed class HistoryEdge(HistoryReader reader, ITask task, EventTime quietUntil, bool heartbeats) : IDisposable
{
    private static readonly byte[] Heartbeat = RecordHeaders.ForSchema(SchemaHeaders.Package + "Heartbeat");

    private readonly RecordBatch _one = new();
    private readonly OutputBatch _quiet = new();
    private readonly ProtoWriter _writer = new();

    public void Play(EventTime until, OutputBatch outputs)
    {
        while (reader.Any() && reader.IsBefore(until))
        {
            var record = reader.Current;
            Step(record.Offset, record.Time, record.Key, record.Headers, record.Value, record.Time < quietUntil ? _quiet : outputs);
            _quiet.Clear();
            reader.Advance();
        }

        if (!heartbeats)
            return;
        _writer.Clear();
        _writer.Int64(1, until.UnixMilliseconds);
        Step(reader.Next, until, [], Heartbeat, _writer.Written, outputs);
    }

    public void Dispose()
    {
        reader.Dispose();
        _one.Dispose();
        _quiet.Dispose();
    }

    public void Save(StateWriter state)
    {
        state.Int64(reader.Next);
        state.Part(task.Save);
    }

    public void Load(ref StateReader state)
    {
        reader.SkipTo(state.Int64());
        task.Load(state.Part());
    }

    private void Step(long offset, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value, OutputBatch outputs)
    {
        _one.Reset(reader.Source);
        _one.Append(offset, time, key, headers, value);
        task.Step(_one, outputs);
    }
}
