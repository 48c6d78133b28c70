using System.Buffers;
using System.Buffers.Binary;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Windowing;

namespace StreamAllocator.Benchmarks.Peers;

/// <summary>
/// The peers' job as a task: tumbling windows of 10 s by event time, grace 0, over the 100-byte samples of <c>Sample.java</c>; of each VM and
/// window one result, the 80 bytes of <c>Acc.java</c>. Time is the newest sample of the partition.
/// </summary>
internal sealed class PeerWindows(TopicPartition results, PeerMeter meter) : ITask
{
    private const int ResultBytes = 80;

    private readonly WindowBank _windows = new(new WindowOptions { Size = TimeSpan.FromSeconds(10) });
    private readonly Utf8Index _vms = new();
    private readonly WindowFeatures _features = new();

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        var before = outputs.Count;
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            var sample = record.Value;
            var time = new EventTime(BinaryPrimitives.ReadInt64LittleEndian(sample));
            CloseBefore(_windows.WindowOf(time), outputs);
            var row = _vms.FindOrAdd(record.Key);
            if (row == _windows.Rows)
                _windows.Add();
            var verdict = _windows.Observe(row, new UsageSample(
                time,
                (float)Figure(sample, 8),
                float.NaN,
                (float)Figure(sample, 24),
                (float)(Figure(sample, 40) + Figure(sample, 48)),
                (float)(Figure(sample, 56) + Figure(sample, 64)),
                (float)Figure(sample, 16),
                (float)Figure(sample, 32),
                float.NaN));
            if (verdict != SampleVerdict.Accepted)
                Interlocked.Increment(ref meter.Late);
        }

        Interlocked.Add(ref meter.In, batch.Count);
        Interlocked.Add(ref meter.Out, outputs.Count - before);
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Part(_vms.Save);
        state.Part(_windows.Save);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _vms.Load(state.Part());
        _windows.Load(state.Part());
    }

    private static double Figure(ReadOnlySpan<byte> sample, int at) => BinaryPrimitives.ReadDoubleLittleEndian(sample[at..]);

    private void CloseBefore(long window, OutputBatch outputs)
    {
        if (_windows.Closed == long.MinValue)
            _windows.StartAfter(window - 1);
        while (_windows.Closed < window - 1)
            Close(_windows.Closed + 1, outputs);
    }

    private void Close(long window, OutputBatch outputs)
    {
        Span<byte> result = stackalloc byte[ResultBytes];
        result.Clear();
        for (var row = 0; row < _windows.Rows; row++)
        {
            _windows.Take(row, window, _features);
            if (_features.IsMissing)
                continue;
            BinaryPrimitives.WriteInt64LittleEndian(result, _features.Start.UnixMilliseconds);
            BinaryPrimitives.WriteInt32LittleEndian(result[8..], _features.Count[0]);
            for (var resource = 0; resource < Resources.Count; resource++)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(result[(16 + 16 * resource)..], _features.Sum[resource] / _features.Count[resource]);
                BinaryPrimitives.WriteDoubleLittleEndian(result[(24 + 16 * resource)..], _features.Max[resource]);
            }

            outputs.Append(results, _features.End, _vms[row], default, result);
        }

        _windows.Close(window);
    }
}
