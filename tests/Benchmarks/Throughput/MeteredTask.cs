using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>A task as it is, with the time of its steps.</summary>
internal sealed class MeteredTask(ITask task, Stages.Stage steps) : ITask
{
    public EventTime Reached => task.Reached;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        var start = Stages.Stage.Start();
        task.Step(batch, outputs);
        steps.End(start);
    }

    public void Save(IBufferWriter<byte> to) => task.Save(to);

    public void Load(ReadOnlySpan<byte> from) => task.Load(from);
}
