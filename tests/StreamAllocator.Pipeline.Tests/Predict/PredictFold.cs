using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Pipeline.Wire;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Pipeline.Tests.Predict;

/// <summary>A predict task fed window by window: one record a window, with the samples of every VM and the tick that closes it.</summary>
internal sealed class PredictFold : IDisposable
{
    /// <summary>2023-11-14T00:00:00Z, a Tuesday: the start of a day, so that daily profiles begin with it.</summary>
    private const long FirstWindow = 1_699_920_000_000 / WindowMilliseconds;

    private const long WindowMilliseconds = 300_000;
    private readonly int _vms;
    private readonly int _samplesPerWindow;
    private readonly RecordBatch _batch = new();
    private readonly SampleColumns _samples = new();
    private readonly ProtoWriter _writer = new();
    private readonly PredictTask _task = new(new PredictOptions(), Topics, 0, 1, 1, 1);
    private long _window = FirstWindow - 1;

    public PredictFold(int vms, int samplesPerWindow = 1)
    {
        (_vms, _samplesPerWindow) = (vms, samplesPerWindow);
        _batch.Reset(new TopicPartition(Topics.VmInputs, 0));
        for (var vm = 0; vm < vms; vm++)
        {
            _writer.Clear();
            var mark = _writer.Begin(2);
            VmInventoryCodec.WriteFields(_writer, new VmInventory(Spec(vm), ZoneOffsets.Utc));
            _writer.End(mark);
            Append();
        }

        WriteTick();
        Append();
        Step();
    }

    public static Topics Topics { get; } = new();

    /// <summary>What the last step put out.</summary>
    public OutputBatch Outputs { get; } = new();

    /// <summary>End of the last window prepared.</summary>
    public EventTime Time => new((_window + 1) * WindowMilliseconds);

    public static VmSpec Spec(int vm) =>
        new($"vm-{vm:0000}", "pool-1", new VmSize(4, 16), new VmSize(0.5, 1), new VmSize(8, 32), Priority.Normal, JobClass: "batch");

    /// <summary>Puts the next window's record in the place of the last; what <see cref="Step"/> folds.</summary>
    public void Prepare()
    {
        _batch.Reset(_batch.Source);
        _window++;
        _samples.Clear();
        for (var sample = 1; sample <= _samplesPerWindow; sample++)
        {
            var time = new EventTime(_window * WindowMilliseconds + (sample * WindowMilliseconds / _samplesPerWindow) - 1);
            for (var vm = 0; vm < _vms; vm++)
                _samples.Add(Spec(vm).VmId, time, Demand(vm, sample), 0);
        }

        _writer.Clear();
        _samples.Write(_writer, 1);
        WriteTick();
        Append();
    }

    public void Step()
    {
        Outputs.Clear();
        _task.Step(_batch, Outputs);
    }

    /// <summary>Folds windows one after the other.</summary>
    public PredictFold Fold(int windows)
    {
        for (var window = 0; window < windows; window++)
        {
            Prepare();
            Step();
        }

        return this;
    }

    public byte[] Save()
    {
        var state = new ArrayBufferWriter<byte>();
        _task.Save(state);
        return state.WrittenSpan.ToArray();
    }

    public void Dispose()
    {
        _batch.Dispose();
        Outputs.Dispose();
    }

    private void WriteTick() => new Tick(TickSource.Ingest, 0, 1, Time).Write(_writer, 15);

    private void Append()
    {
        _batch.Append(_batch.Count, Time, [], Headers.VmInputs, _writer.Written);
        _writer.Clear();
    }

    /// <summary>A day's triangle, noise and now and then a spike: each path of the forecasts is taken.</summary>
    private float[] Demand(int vm, int sample)
    {
        var random = new SeededRandom(StableHash.Combine((ulong)vm, (ulong)(_window * 64 + sample)));
        var day = Math.Abs((_window % 288) - 144) / 144f;
        var spike = random.NextInt32(200) == 0 ? 3 : 0;
        var cpu = 0.2f + day + (float)random.NextDouble() * 0.3f + spike;
        return [cpu, cpu * 1.2f, 4 + 2 * day, 1e6f * cpu, 2e5f * day, 4, 16, 0];
    }
}
