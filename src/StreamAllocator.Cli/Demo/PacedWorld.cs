using System.Buffers;
using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Demo;

/// <summary>A world that answers a tick when its time is due. All else in the process waits for its answer, so one pace holds everything.</summary>
internal sealed class PacedWorld(WorldTask world, Pace pace) : ITask
{
    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        pace.Wait(NewestTick(batch));
        world.Step(batch, outputs);
    }

    public void Save(IBufferWriter<byte> to) => world.Save(to);

    public void Load(ReadOnlySpan<byte> from) => world.Load(from);

    private static EventTime NewestTick(RecordBatch batch)
    {
        const int TickField = 15;
        var newest = EventTime.Unknown;
        for (var index = 0; index < batch.Count; index++)
        {
            var inputs = new ProtoReader(batch[index].Value);
            while (inputs.Next())
            {
                if (inputs.Field == TickField && Tick.Read(inputs.Message()) is { Source: TickSource.Execute } tick && tick.Time > newest)
                    newest = tick.Time;
            }
        }

        return newest;
    }
}
