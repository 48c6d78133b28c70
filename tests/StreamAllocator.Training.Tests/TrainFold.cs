using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Wire;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Training.Tests;

/// <summary>A log with features, a train task on it, and what it writes, decoded.</summary>
internal sealed class TrainFold : IDisposable
{
    public const int Partitions = 2;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    public static readonly Topics Topics = new();

    private readonly InMemoryLog _log = new();
    private readonly ProtoWriter _writer = new();
    private readonly TrainOptions _options;
    private TrainTask _task;
    private readonly List<(byte[] Headers, byte[] Value)> _sent = [];
    private readonly List<(EventTime Time, byte[] Key, byte[] Value)> _models = [];
    private long _offset;

    public TrainFold(TrainOptions? options = null)
    {
        _options = options ?? new TrainOptions { SourceLagLimit = null, Span = TimeSpan.FromDays(2) };
        _log.CreateTopics(Topics.All(Partitions, 1, keepAll: true));
        _task = NewTask();
    }

    /// <summary>As <c>models</c> has them.</summary>
    public List<ModelRelease> Released { get; } = [];

    public List<string> ModelKeys { get; } = [];

    /// <summary>What each partition of <c>vm-inputs</c> got: a release by its name and effective window, a promise by its window.</summary>
    public List<string>[] ToPredict { get; } = [[], []];

    public List<byte[]> DeadLetters { get; } = [];

    public List<string> Records { get; } = [];

    public static EventTime Time(long window) => EventTime.StartOfWindow(window, Window);

    /// <summary>Commits the windows [from, to), in their order, of VMs given by id, class and values.</summary>
    public void Features(IReadOnlyList<(string Id, string JobClass, float[] Values)> vms, int from, int to)
    {
        using var outputs = new OutputBatch();
        for (var window = from; window < to; window++)
        {
            foreach (var (id, jobClass, values) in vms)
            {
                var key = System.Text.Encoding.UTF8.GetBytes(id);
                _writer.Clear();
                _writer.Text(1, id);
                _writer.Int64(2, Time(window).UnixMilliseconds);
                _writer.Int64(3, Time(window + 1).UnixMilliseconds);
                _writer.Packed<float>(4, [values[window], float.NaN, float.NaN, float.NaN]);
                _writer.PackedBools(7, [false, false]);
                _writer.Text(14, jobClass);
                var target = new TopicPartition(Topics.Features, StableHash.Partition(key, Partitions));
                outputs.Append(target, Time(window + 1), key, Headers.Features, _writer.Written);
            }
        }

        using var producer = _log.OpenProducer("features");
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    public void Tick(long window, int? partition = null)
    {
        for (var index = 0; index < Partitions; index++)
        {
            if (partition is { } only && only != index)
                continue;
            _writer.Clear();
            new Tick(TickSource.Predict, index, Partitions, Time(window)).WriteFields(_writer);
            Send(Headers.Tick, _writer.Written);
        }
    }

    public void Request(string jobClass, long window, RetrainingReason reason = RetrainingReason.Schedule) =>
        Send(new RetrainingRequest(jobClass, reason, Time(window), 1, 1, ""));

    public void RollBack(string modelId) => Send(RetrainingRequest.Rollback(modelId, Time(1_000_000), "asked for"));

    public void Send(byte[] headers, ReadOnlySpan<byte> value)
    {
        using var outputs = new OutputBatch();
        _sent.Add((headers, value.ToArray()));
        Step(_task, _offset++, _sent[^1], outputs);
        for (var index = 0; index < outputs.Count; index++)
            Collect(outputs.Target(index), outputs[index]);
    }

    /// <summary>Goes on with a new task that has loaded the state of the old one; the saved bytes.</summary>
    public byte[] Restart()
    {
        var state = Save();
        _task = NewTask();
        _task.Load(state);
        Assert.Equal(state, Save());
        return state;
    }

    /// <summary>
    /// State of a task that has folded the records from that one on without its outputs being kept, as after a start without a snapshot, on
    /// a log that holds what was published but no features any more.
    /// </summary>
    public byte[] RebuiltWithoutFeatures(int from)
    {
        using var log = new InMemoryLog();
        log.CreateTopics(Topics.All(Partitions, 1, keepAll: true));
        using (var producer = log.OpenProducer("train"))
        using (var published = new OutputBatch())
        {
            foreach (var (time, key, value) in _models)
                published.Append(new TopicPartition(Topics.Models, 0), time, key, Headers.ModelRelease, value);
            producer.Send(published);
            producer.Commit(null, []);
        }

        var task = new TrainTask(_options, Topics, log, Partitions, Partitions);
        using var suppressed = new OutputBatch();
        for (var index = from; index < _sent.Count; index++)
            Step(task, index, _sent[index], suppressed);
        return Save(task);
    }

    public byte[] Save() => Save(_task);

    public void Dispose() => _log.Dispose();

    private static byte[] Save(TrainTask task)
    {
        var state = new ArrayBufferWriter<byte>();
        task.Save(state);
        return state.WrittenSpan.ToArray();
    }

    private static void Step(TrainTask task, long offset, (byte[] Headers, byte[] Value) record, OutputBatch outputs)
    {
        using var batch = new RecordBatch();
        batch.Reset(new TopicPartition(Topics.Retraining, 0));
        batch.Append(offset, default, "key"u8, record.Headers, record.Value);
        task.Step(batch, outputs);
    }

    private TrainTask NewTask() => new(_options, Topics, _log, Partitions, Partitions);

    private void Send(RetrainingRequest request)
    {
        _writer.Clear();
        RetrainingRequestCodec.WriteFields(_writer, request);
        Send(Headers.RetrainingRequest, _writer.Written);
    }

    private void Collect(TopicPartition target, in LogRecord record)
    {
        Records.Add($"{target} {record.Time} {Convert.ToHexString(record.Key)} {Convert.ToHexString(record.Value)}");
        if (target.Topic == Topics.Models)
        {
            Released.Add(ModelReleaseCodec.Read(new ProtoReader(record.Value)));
            _models.Add((record.Time, record.Key.ToArray(), record.Value.ToArray()));
            ModelKeys.Add(System.Text.Encoding.UTF8.GetString(record.Key));
        }
        else if (target.Topic == Topics.DeadLetter)
        {
            DeadLetters.Add(record.Value.ToArray());
        }
        else
        {
            Assert.Equal(Topics.VmInputs, target.Topic);
            CollectInput(ToPredict[target.Partition], record.Value);
        }
    }

    private static void CollectInput(List<string> into, ReadOnlySpan<byte> value)
    {
        var reader = new ProtoReader(value);
        while (reader.Next())
        {
            if (reader.Field == 4)
            {
                var release = ModelReleaseCodec.Read(reader.Message());
                into.Add(FormattableString.Invariant($"{release.Name} from {release.Effective.WindowIndex(Window)}"));
            }
            else if (reader.Field == 15)
            {
                var tick = StreamAllocator.Pipeline.Wire.Tick.Read(reader.Message());
                Assert.Equal((TickSource.Train, 0, 1), (tick.Source, tick.Index, tick.Count));
                into.Add(FormattableString.Invariant($"promise {tick.Time.WindowIndex(Window)}"));
            }
        }
    }
}
