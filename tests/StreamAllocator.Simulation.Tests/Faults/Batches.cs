using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Simulation.Tests.Faults;

internal static class Batches
{
    public static RecordBatch Copy(RecordBatch batch, Func<int, bool>? keep = null, Func<LogRecord, byte[]>? value = null)
    {
        var copy = new RecordBatch();
        copy.Reset(batch.Source);
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            if (keep?.Invoke(index) ?? true)
                copy.Append(record.Offset, record.Time, record.Key, record.Headers, value is null ? record.Value : value(record));
        }

        return copy;
    }

    public static void AppendAll(OutputBatch from, OutputBatch to, Func<int, bool>? keep = null)
    {
        for (var index = 0; index < from.Count; index++)
        {
            var record = from[index];
            if (keep?.Invoke(index) ?? true)
                to.Append(from.Target(index), record.Time, record.Key, record.Headers, record.Value);
        }
    }
}
