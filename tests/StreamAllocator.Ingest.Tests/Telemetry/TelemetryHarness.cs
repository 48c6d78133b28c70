using System.Text;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Telemetry;

/// <summary>A task, a partition to write into, and what came out of it, read back with the generated classes.</summary>
internal sealed class TelemetryHarness(IngestOptions options, int vmPartitions = 1) : IDisposable
{
    public const long Start = 1_754_000_100_000;

    public static readonly byte[] Json = RecordHeaders.Encode(("schema", "application/json"u8.ToArray()));

    private readonly RecordBatch _batch = new();
    private readonly OutputBatch _outputs = new();
    private long _offset;

    public Topics Topics { get; } = new();

    public TelemetryIngestTask Task { get; set; } = new(new Topics(), 0, 2, vmPartitions, options);

    public List<(int Partition, Wire.VmInputs Value)> Inputs { get; } = [];

    public List<Wire.DeadLetter> DeadLetters { get; } = [];

    public List<Wire.DeadLetter> Late { get; } = [];

    public IEnumerable<long> Ticks => Inputs.Where(input => input.Partition == 0 && input.Value.Tick is not null).Select(input => input.Value.Tick.EventTimeMs);

    public static Wire.UsageSample Sample(string vm, long time, double? cores = 1)
    {
        var sample = new Wire.UsageSample { VmId = vm, EventTimeMs = time, IntervalMs = 10_000 };
        if (cores is { } value)
            sample.CpuCores = value;
        return sample;
    }

    public static byte[] Message(params Wire.UsageSample[] samples) => new Wire.Telemetry { Samples = { samples } }.ToByteArray();

    public static byte[] Numbered(string source, params Wire.UsageSample[] samples) => new Wire.Telemetry { Source = source, Samples = { samples } }.ToByteArray();

    public static byte[] Heartbeat(long time, params Wire.UsageSample[] samples) =>
        new Wire.Telemetry { Samples = { samples }, Heartbeat = new Wire.Heartbeat { EventTimeMs = time } }.ToByteArray();

    public TelemetryHarness Fold(params byte[][] values) => FoldWith([], values);

    public TelemetryHarness FoldWith(byte[] headers, params byte[][] values)
    {
        _batch.Reset(new TopicPartition(Topics.Telemetry, 0));
        foreach (var value in values)
            _batch.Append(_offset++, new EventTime(Start), "key"u8, headers, value);
        Task.Step(_batch, _outputs);
        Take();
        return this;
    }

    /// <returns>How many were folded.</returns>
    public int FoldUpTo(long limit, params byte[][] values)
    {
        _batch.Reset(new TopicPartition(Topics.Telemetry, 0));
        foreach (var value in values)
            _batch.Append(_offset++, new EventTime(Start), "key"u8, [], value);
        var folded = Task.StepUpTo(new EventTime(limit), _batch, _outputs);
        Take();
        return folded;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _outputs.Dispose();
    }

    public void Clock(long now, bool caughtUp)
    {
        Task.OnClock(new EventTime(now), caughtUp ? new EventTime(now) : null, _outputs);
        Take();
    }

    /// <summary>Every accepted sample as text, in order, for each VM.</summary>
    public Dictionary<string, string> Sequences()
    {
        var sequences = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (var (_, value) in Inputs)
        {
            for (var index = 0; value.Samples is { } samples && index < samples.Vm.Count; index++)
            {
                var vm = samples.VmIds[(int)samples.Vm[index]];
                if (!sequences.TryGetValue(vm, out var sequence))
                    sequences.Add(vm, sequence = new StringBuilder());
                sequence.Append(Describe(samples, index)).Append('\n');
            }
        }

        return sequences.ToDictionary(entry => entry.Key, entry => entry.Value.ToString());
    }

    private static string Describe(Wire.SampleColumns samples, int index)
    {
        var metrics = Enumerable.Range(0, samples.MetricSample.Count).Where(metric => samples.MetricSample[metric] == index)
            .Select(metric => FormattableString.Invariant($"{samples.MetricNames[(int)samples.MetricName[metric]]}={samples.MetricValue[metric]}"));
        return FormattableString.Invariant(
            $"{samples.EventTimeMs[index]} {samples.CpuCores[index]} {samples.CpuCoresMax[index]} {samples.MemoryGib[index]} ")
            + FormattableString.Invariant($"{samples.DiskBytesPerSecond[index]} {samples.NetworkBytesPerSecond[index]} {samples.CpuCoresAllocated[index]} ")
            + FormattableString.Invariant($"{samples.MemoryGibAllocated[index]} {samples.CpuThrottledRatio[index]} [{string.Join(' ', metrics)}]");
    }

    private void Take()
    {
        for (var index = 0; index < _outputs.Count; index++)
        {
            var (target, value) = (_outputs.Target(index), _outputs[index].Value.ToArray());
            if (target.Topic == Topics.VmInputs)
                Inputs.Add((target.Partition, Wire.VmInputs.Parser.ParseFrom(value)));
            else
                (target.Topic == Topics.Late ? Late : DeadLetters).Add(Wire.DeadLetter.Parser.ParseFrom(value));
        }

        _outputs.Clear();
    }
}
