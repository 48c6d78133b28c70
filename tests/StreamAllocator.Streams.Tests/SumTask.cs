using System.Buffers;
using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Streams.Tests;

/// <summary>The fold of these tests: for each record the count and the sum of its key so far. Its order and its exactness both show.</summary>
internal sealed class SumTask(string outputTopic, int outputPartitions, Action<SumTask>? beforeStep = null) : ITask
{
    private readonly SortedDictionary<string, (long Count, long Sum)> _sums = new(StringComparer.Ordinal);

    public int Steps { get; private set; }

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        Steps++;
        beforeStep?.Invoke(this);
        for (var i = 0; i < batch.Count; i++)
        {
            var record = batch[i];
            var key = Encoding.UTF8.GetString(record.Key);
            var (count, sum) = _sums.GetValueOrDefault(key);
            _sums[key] = (count, sum) = (count + 1, sum + long.Parse(record.Value, CultureInfo.InvariantCulture));
            var target = new TopicPartition(outputTopic, StableHash.Partition(key, outputPartitions));
            outputs.Append(target, record.Time, record.Key, RecordHeaders.ForSchema("sum"), Encoding.UTF8.GetBytes($"{count}:{sum}"));
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_sums.Count);
        foreach (var (key, (count, sum)) in _sums)
        {
            state.Text(key);
            state.Int64(count);
            state.Int64(sum);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var keys = state.Int64(); keys > 0; keys--)
            _sums.Add(state.Text(), (state.Int64(), state.Int64()));
    }
}
