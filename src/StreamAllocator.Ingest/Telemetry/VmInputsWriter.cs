using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>Collects samples for each partition of <c>vm-inputs</c> and packs them into one record a partition. Belongs to one thread.</summary>
internal sealed class VmInputsWriter
{
    private readonly TopicPartition[] _targets;
    private readonly SampleColumns[] _columns;
    private readonly ProtoWriter _writer = new();

    public VmInputsWriter(string topic, int sourcePartition, int partitions)
    {
        _targets = [.. Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition))];
        _columns = [.. _targets.Select(_ => new SampleColumns { SourcePartition = sourcePartition })];
    }

    public SampleColumns Columns(int partition) => _columns[partition];

    /// <summary>Writes what was collected. With a tick every partition gets a record, which ends with it; without, those that have samples.</summary>
    public void Flush(OutputBatch outputs, Tick? tick)
    {
        for (var partition = 0; partition < _targets.Length; partition++)
        {
            var columns = _columns[partition];
            if (columns.Count == 0 && tick is null)
                continue;
            _writer.Clear();
            if (columns.Count > 0)
                columns.Write(_writer, 1);
            tick?.Write(_writer, 15);
            outputs.Append(_targets[partition], tick?.Time ?? Newest(columns.Time), default, SchemaHeaders.VmInputs, _writer.Written);
            columns.Clear();
        }
    }

    private static EventTime Newest(ReadOnlySpan<long> times)
    {
        var newest = times[0];
        foreach (var time in times)
            newest = Math.Max(newest, time);
        return new EventTime(newest);
    }
}
