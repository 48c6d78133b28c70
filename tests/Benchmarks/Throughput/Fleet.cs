using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>
/// A large fleet out of the demand that ships with the project, each VM with a sample every 10 s. Written as agents write: Protobuf, one
/// sample or many a message, and a heartbeat a window in each partition, which carries time.
/// </summary>
internal sealed class Fleet(IEventLog log, Topics topics, int vms, int partitions)
{
    private const int RecordsPerCommit = 100_000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly DemandTrace _demand = DemandTrace.Azure(seed: 1, 100);
    private readonly string[] _ids = [.. Enumerable.Range(0, vms).Select(vm => $"vm-{vm:D6}")];
    private readonly ProtoWriter _writer = new();

    public int SamplesPerWindow => vms * (int)(_demand.WindowSize / Every);

    /// <summary>Where time has come to after so many windows.</summary>
    public EventTime EndOf(int windows) => EventTime.StartOfWindow(_demand.FirstWindow + windows, _demand.WindowSize);

    public void Write(int windows, int samplesPerMessage)
    {
        using var producer = log.OpenProducer("load");
        using var outputs = new OutputBatch();
        WriteInventory(outputs);
        for (var window = 0; window < windows; window++)
        {
            for (var time = EndOf(window); time < EndOf(window + 1); time += Every)
                WriteSamples(outputs, window, time, samplesPerMessage, () => Commit(producer, outputs, RecordsPerCommit));
            for (var partition = 0; partition < partitions; partition++)
            {
                var heartbeat = _writer.Begin(2);
                _writer.Int64(1, EndOf(window + 1).UnixMilliseconds);
                _writer.End(heartbeat);
                Append(outputs, partition, EndOf(window + 1));
            }

            Commit(producer, outputs, 1);
        }
    }

    private void WriteInventory(OutputBatch outputs)
    {
        for (var vm = 0; vm < vms; vm++)
        {
            var size = _demand.Provisioned(vm % _demand.VmCount);
            var inventory = _writer.Begin(2);
            VmInventoryCodec.WriteFields(_writer, new VmInventory(new VmSpec(_ids[vm], "pool", size, size, size, Priority.Normal), ZoneOffsets.Utc));
            _writer.End(inventory);
            outputs.Append(
                new TopicPartition(topics.VmInputs, StableHash.Partition(_ids[vm], partitions)), EndOf(0), default, SchemaHeaders.VmInputs, _writer.Written);
            _writer.Clear();
        }
    }

    /// <summary>Of the VMs of each partition in turn, so that a message has the samples of many VMs of one moment.</summary>
    private void WriteSamples(OutputBatch outputs, int window, EventTime time, int samplesPerMessage, Action commit)
    {
        var samples = new SampleColumns();
        for (var partition = 0; partition < partitions; partition++)
        {
            samples.Clear();
            for (var vm = partition; vm < vms; vm += partitions)
                Add(samples, vm, window, time + vm * Every / vms);
            for (var sample = 0; sample < samples.Count; sample++)
            {
                TelemetryCodec.Write(_writer, samples, sample);
                if ((sample + 1) % samplesPerMessage == 0 || sample == samples.Count - 1)
                    Append(outputs, partition, new EventTime(samples.Time[sample]));
            }

            commit();
        }
    }

    private void Add(SampleColumns samples, int vm, int window, EventTime time)
    {
        var wanted = _demand.At(vm % _demand.VmCount, _demand.FirstWindow + window);
        var size = _demand.Provisioned(vm % _demand.VmCount);
        samples.Add(
            _ids[vm],
            time,
            [
                (float)wanted.CpuCores, (float)wanted.CpuCoresMax, (float)wanted.MemoryGib, (float)wanted.DiskBytesPerSecond,
                (float)wanted.NetworkBytesPerSecond, (float)size.CpuCores, (float)size.MemoryGib, 0,
            ],
            0);
    }

    private void Append(OutputBatch outputs, int partition, EventTime time)
    {
        outputs.Append(new TopicPartition(topics.Telemetry, partition), time, default, SchemaHeaders.Telemetry, _writer.Written);
        _writer.Clear();
    }

    private static void Commit(ILogProducer producer, OutputBatch outputs, int least)
    {
        if (outputs.Count < least)
            return;
        producer.Send(outputs);
        producer.Commit(null, []);
        outputs.Clear();
    }
}
