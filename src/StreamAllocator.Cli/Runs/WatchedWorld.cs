using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Cli.Runs;

/// <summary>A world that tells how far it has come: the last record of its step is a heartbeat.</summary>
/// <param name="reached">May be called from several threads.</param>
internal sealed class WatchedWorld(ITask world, Action<EventTime> reached) : ITask
{
    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        var before = outputs.Count;
        world.Step(batch, outputs);
        if (outputs.Count > before)
            reached(outputs[outputs.Count - 1].Time);
    }

    public void Save(IBufferWriter<byte> to) => world.Save(to);

    public void Load(ReadOnlySpan<byte> from) => world.Load(from);
}
