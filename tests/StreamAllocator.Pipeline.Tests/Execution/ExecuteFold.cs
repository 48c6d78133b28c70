using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Execution;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;
using WireTick = StreamAllocator.Pipeline.Wire.Tick;

namespace StreamAllocator.Pipeline.Tests.Execution;

/// <summary>Feeds an execute task and decodes what it writes.</summary>
internal sealed class ExecuteFold(ExecuteTask task)
{
    public static readonly Topics Topics = new();

    private readonly ProtoWriter _writer = new();
    private long _offset;

    /// <summary>Allocations in the order in which they were published.</summary>
    public List<Allocation> Allocations { get; } = [];

    public List<WireTick> Ticks { get; } = [];

    public List<string> Records { get; } = [];

    public List<byte[]> DeadLetters { get; } = [];

    public Allocation Round(EventTime tick, params ResizeCommand[] commands)
    {
        Send(commands);
        Tick(tick);
        return Allocations[^1];
    }

    public void Send(params ResizeCommand[] commands)
    {
        foreach (var command in commands)
        {
            _writer.Clear();
            ResizeCommandCodec.WriteFields(_writer, command);
            Send(Headers.ResizeCommand, _writer.Written);
        }
    }

    public void Tick(EventTime time)
    {
        _writer.Clear();
        new WireTick(TickSource.Decide, 0, 1, time).WriteFields(_writer);
        Send(Headers.Tick, _writer.Written);
    }

    public void Send(byte[] headers, ReadOnlySpan<byte> value)
    {
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        batch.Reset(new TopicPartition(Topics.Commands, 0));
        batch.Append(_offset++, default, [], headers, value);
        task.Step(batch, outputs);
        Collect(outputs);
    }

    public void Clock(EventTime now, bool caughtUp = true)
    {
        using var outputs = new OutputBatch();
        task.OnClock(now, caughtUp ? now : null, outputs);
        Collect(outputs);
    }

    private void Collect(OutputBatch outputs)
    {
        for (var index = 0; index < outputs.Count; index++)
        {
            var target = outputs.Target(index);
            var record = outputs[index];
            Records.Add($"{target} {record.Time} {Convert.ToHexString(record.Key)} {Convert.ToHexString(record.Value)}");
            if (target.Topic == Topics.Allocations)
                Allocations.Add(AllocationCodec.Read(new ProtoReader(record.Value)));
            else if (target.Topic == Topics.DeadLetter)
                DeadLetters.Add(record.Value.ToArray());
            else if (target.Topic == Topics.PoolInputs)
                CollectTick(record.Value);
        }
    }

    private void CollectTick(ReadOnlySpan<byte> value)
    {
        var reader = new ProtoReader(value);
        while (reader.Next())
        {
            if (reader.Field == 15)
                Ticks.Add(WireTick.Read(reader.Message()));
        }
    }
}
