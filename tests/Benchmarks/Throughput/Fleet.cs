using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>
/// A large fleet out of the demand that ships with the project, each VM with a sample every 10 s. Written as agents write: Protobuf, one
/// sample or many a message. What is written is seen when it is released, so that the writing is over before the reading begins.
/// </summary>
internal sealed class Fleet(IEventLog log, Topics topics, int vms, int partitions, int samplesPerMessage) : IDisposable
{
    private const int RecordsPerSend = 10_000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly DemandTrace _demand = DemandTrace.Azure(seed: 1, 100);
    private readonly string[] _ids = [.. Enumerable.Range(0, vms).Select(vm => $"vm-{vm:D6}")];
    private readonly ProtoWriter _writer = new();
    private readonly ILogProducer _producer = log.OpenProducer("load");
    private readonly OutputBatch _outputs = new();
    private int _windows;

    public int SamplesPerWindow => vms * (int)(_demand.WindowSize / Every);

    /// <summary>Where time has come to with the samples written so far.</summary>
    public EventTime Reached => EndOf(_windows);

    /// <summary>The VMs, and from each partition of telemetry the word that nothing is older than the first sample.</summary>
    public void WriteInventory()
    {
        for (var vm = 0; vm < vms; vm++)
        {
            var size = _demand.Provisioned(vm % _demand.VmCount);
            var inventory = _writer.Begin(2);
            VmInventoryCodec.WriteFields(_writer, new VmInventory(new VmSpec(_ids[vm], "pool", size, size, size, Priority.Normal), ZoneOffsets.Utc));
            _writer.End(inventory);
            Append(new TopicPartition(topics.VmInputs, StableHash.Partition(_ids[vm], partitions)), Reached, SchemaHeaders.VmInputs);
        }

        for (var partition = 0; partition < partitions; partition++)
        {
            for (var source = 0; source < partitions; source++)
            {
                new Tick(TickSource.Ingest, source, partitions, Reached).Write(_writer, 15);
                Append(new TopicPartition(topics.VmInputs, partition), Reached, SchemaHeaders.VmInputs);
            }
        }
    }

    /// <summary>Of the VMs of each partition in turn, so that a message has the samples of many VMs of one moment.</summary>
    public void WriteWindow()
    {
        var samples = new SampleColumns();
        for (var time = Reached; time < EndOf(_windows + 1); time += Every)
        {
            for (var partition = 0; partition < partitions; partition++)
            {
                samples.Clear();
                for (var vm = partition; vm < vms; vm += partitions)
                    Add(samples, vm, time + vm * Every / vms);
                for (var sample = 0; sample < samples.Count; sample++)
                {
                    TelemetryCodec.Write(_writer, samples, sample);
                    if ((sample + 1) % samplesPerMessage == 0 || sample == samples.Count - 1)
                        Append(new TopicPartition(topics.Telemetry, partition), new EventTime(samples.Time[sample]), SchemaHeaders.Telemetry);
                }
            }
        }

        _windows++;
    }

    /// <summary>Each partition of telemetry carries time to the end of what was written: the windows close.</summary>
    public void WriteHeartbeats()
    {
        for (var partition = 0; partition < partitions; partition++)
        {
            var heartbeat = _writer.Begin(2);
            _writer.Int64(1, Reached.UnixMilliseconds);
            _writer.End(heartbeat);
            Append(new TopicPartition(topics.Telemetry, partition), Reached, SchemaHeaders.Telemetry);
        }
    }

    public void Release()
    {
        Send();
        _producer.Commit(null, []);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _outputs.Dispose();
    }

    private EventTime EndOf(int windows) => EventTime.StartOfWindow(_demand.FirstWindow + windows, _demand.WindowSize);

    private void Add(SampleColumns samples, int vm, EventTime time)
    {
        var wanted = _demand.At(vm % _demand.VmCount, _demand.FirstWindow + _windows);
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

    private void Append(TopicPartition target, EventTime time, byte[] schema)
    {
        _outputs.Append(target, time, default, schema, _writer.Written);
        _writer.Clear();
        if (_outputs.Count == RecordsPerSend)
            Send();
    }

    private void Send()
    {
        _producer.Send(_outputs);
        _outputs.Clear();
    }
}
