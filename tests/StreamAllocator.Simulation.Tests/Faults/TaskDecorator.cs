using System.Buffers;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>A task with a bug around its step, its save or its load.</summary>
internal sealed class TaskDecorator(
    ITask inner,
    Action<ITask, RecordBatch, OutputBatch>? step = null,
    Action<ITask, IBufferWriter<byte>>? save = null) : ITask
{
    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        if (step is null)
            inner.Step(batch, outputs);
        else
            step(inner, batch, outputs);
    }

    public void Save(IBufferWriter<byte> to)
    {
        if (save is null)
            inner.Save(to);
        else
            save(inner, to);
    }

    public void Load(ReadOnlySpan<byte> from) => inner.Load(from);
}
