using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>A task as it is, with the time of its steps.</summary>
/// <param name="byRecord">
/// Null: a step is timed as a whole. Otherwise it is made record by record, and those of the inventory and those that close a window count apart.
/// </param>
internal sealed class MeteredTask(ITask task, Stages.Stage folds, (Stages.Stage Inventory, Stages.Stage Closes)? byRecord = null) : ITask
{
    /// <summary>Tag of the field of <c>VmInputs</c> that holds a VM.</summary>
    private const byte InventoryTag = (2 << 3) | 2;

    public EventTime Reached => task.Reached;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        if (byRecord is not { } stages)
        {
            var start = Stages.Stage.Start();
            task.Step(batch, outputs);
            folds.End(start);
            return;
        }

        using var one = new RecordBatch();
        for (var index = 0; index < batch.Count; index++)
        {
            var start = Stages.Stage.Start();
            var record = batch[index];
            one.Reset(batch.Source);
            one.Append(record.Offset, record.Time, record.Key, record.Headers, record.Value);
            var before = outputs.Count;
            task.Step(one, outputs);
            (outputs.Count > before ? stages.Closes : record.Value[0] == InventoryTag ? stages.Inventory : folds).End(start);
        }
    }

    public void Save(IBufferWriter<byte> to) => task.Save(to);

    public void Load(ReadOnlySpan<byte> from) => task.Load(from);
}
