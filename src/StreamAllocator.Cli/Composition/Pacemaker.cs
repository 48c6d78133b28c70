using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// Stands in for the executors of a run that ends before deciding: once every ingest source has reached T, it sends their ticks of T and a
/// window more, so that the world goes on, and no faster than its samples are taken in. Folds <c>vm-inputs</c>, whose partitions all have the
/// same ticks; the first speaks.
/// </summary>
internal sealed class Pacemaker : ITask
{
    private readonly Topics _topics;
    private readonly AllocatorOptions _options;
    private readonly bool _speaks;
    private readonly SourceTicks _ticks = new(lagLimit: null);
    private readonly ProtoWriter _writer = new();

    public Pacemaker(Topics topics, AllocatorOptions options, int partition)
    {
        _topics = topics;
        _options = options;
        _speaks = partition == 0;
        _ticks.Expect(TickSource.Ingest);
    }

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; _speaks && index < batch.Count; index++)
        {
            var inputs = new ProtoReader(batch[index].Value);
            while (inputs.Next())
            {
                if (inputs.Field == 15 && Tick.Read(inputs.Message()) is { Source: TickSource.Ingest } tick && _ticks.Observe(tick))
                    Answer(_ticks.Watermark + _options.Predict.Windows.Size, outputs);
            }
        }
    }

    public void Save(IBufferWriter<byte> to) => _ticks.Save(to);

    public void Load(ReadOnlySpan<byte> from) => _ticks.Load(from);

    private void Answer(EventTime time, OutputBatch outputs)
    {
        for (var pool = 0; pool < _options.PoolPartitions; pool++)
        {
            _writer.Clear();
            new Tick(TickSource.Execute, pool, _options.PoolPartitions, time).Write(_writer, 15);
            outputs.Append(new TopicPartition(_topics.PoolInputs, pool), time, [], SchemaHeaders.PoolInputs, _writer.Written);
        }
    }
}
