using System.Buffers;
using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using Generated = StreamAllocator.Schemas;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Backtest.Tests.World;

/// <summary>Feeds a world what an execute task says, and decodes its telemetry.</summary>
internal sealed class WorldFold(WorldTask world)
{
    public static readonly Topics Topics = new();

    private readonly ProtoWriter _writer = new();

    public List<string> Records { get; } = [];

    public List<Generated.Telemetry> Telemetry { get; } = [];

    public IEnumerable<Generated.UsageSample> Samples => Telemetry.SelectMany(record => record.Samples);

    public IEnumerable<long> Heartbeats => Telemetry.Where(record => record.Heartbeat is not null).Select(record => record.Heartbeat.EventTimeMs);

    public void Tick(EventTime time, params Allocation[] allocations) => Send(Record(time, allocations));

    /// <summary>A record of <c>pool-inputs</c> as the execute task writes it, among parts that a world does not read.</summary>
    public byte[] Record(EventTime time, params Allocation[] allocations)
    {
        _writer.Clear();
        _writer.Text(3, "removed");
        foreach (var allocation in allocations)
            AllocationCodec.Write(_writer, 9, allocation);
        new Tick(TickSource.Execute, 0, 1, time).Write(_writer, 15);
        return _writer.Written.ToArray();
    }

    public void Send(params byte[][] values)
    {
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        batch.Reset(new TopicPartition(Topics.PoolInputs, 0));
        foreach (var value in values)
            batch.Append(0, default, [], Headers.PoolInputs, value);
        world.Step(batch, outputs);
        for (var index = 0; index < outputs.Count; index++)
        {
            var record = outputs[index];
            Records.Add($"{outputs.Target(index)} {record.Time} {Convert.ToHexString(record.Value)}");
            Telemetry.Add(Generated.Telemetry.Parser.ParseFrom(record.Value));
        }
    }

    public byte[] Save()
    {
        var state = new ArrayBufferWriter<byte>();
        world.Save(state);
        return state.WrittenSpan.ToArray();
    }
}
