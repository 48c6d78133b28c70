using System.Buffers;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests;

/// <summary>A task that reads one record at a time, and what came out of it, read back with the generated classes.</summary>
internal sealed class EdgeHarness(string topic, ITask task) : IDisposable
{
    public static readonly Topics Topics = new();

    private readonly RecordBatch _batch = new();
    private readonly OutputBatch _outputs = new();
    private long _offset;

    public List<(int Partition, Wire.VmInputs Value)> VmInputs { get; } = [];

    public List<(int Partition, Wire.PoolInputs Value)> PoolInputs { get; } = [];

    public List<Wire.DeadLetter> DeadLetters { get; } = [];

    public EdgeHarness Fold(string key, byte[] value, EventTime time, byte[]? headers = null)
    {
        _batch.Reset(new TopicPartition(topic, 0));
        _batch.Append(_offset++, time, Encoding.UTF8.GetBytes(key), headers, value);
        task.Step(_batch, _outputs);
        Take();
        return this;
    }

    public void Clock(EventTime now, bool caughtUp = true)
    {
        ((IClockedTask)task).OnClock(now, caughtUp ? now : null, _outputs);
        Take();
    }

    /// <summary>Puts the state into an empty task and checks that it saves the same bytes.</summary>
    public EdgeHarness Restore(ITask empty)
    {
        var (saved, again) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        task.Save(saved);
        empty.Load(saved.WrittenSpan);
        empty.Save(again);
        Assert.Equal(saved.WrittenSpan.ToArray(), again.WrittenSpan.ToArray());
        return new EdgeHarness(topic, empty);
    }

    public void Dispose()
    {
        _batch.Dispose();
        _outputs.Dispose();
    }

    private void Take()
    {
        for (var index = 0; index < _outputs.Count; index++)
        {
            var (target, value) = (_outputs.Target(index), _outputs[index].Value.ToArray());
            if (target.Topic == Topics.VmInputs)
                VmInputs.Add((target.Partition, Wire.VmInputs.Parser.ParseFrom(value)));
            else if (target.Topic == Topics.PoolInputs)
                PoolInputs.Add((target.Partition, Wire.PoolInputs.Parser.ParseFrom(value)));
            else
                DeadLetters.Add(Wire.DeadLetter.Parser.ParseFrom(value));
        }

        _outputs.Clear();
    }
}
