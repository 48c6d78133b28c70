using System.Buffers;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Cli.Runs;

/// <summary>A task that writes nothing to one topic, and is itself in all else. Belongs to one thread.</summary>
internal sealed class MutedTask(ITask task, string topic) : ITask, IDisposable
{
    private readonly OutputBatch _made = new();

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        task.Step(batch, _made);
        for (var index = 0; index < _made.Count; index++)
        {
            var target = _made.Target(index);
            var record = _made[index];
            if (target.Topic != topic)
                outputs.Append(target, record.Time, record.Key, record.Headers, record.Value);
        }

        _made.Clear();
    }

    public void Dispose() => _made.Dispose();

    public void Save(IBufferWriter<byte> to) => task.Save(to);

    public void Load(ReadOnlySpan<byte> from) => task.Load(from);

    public void Keep(int partition, int partitions) => task.Keep(partition, partitions);
}
