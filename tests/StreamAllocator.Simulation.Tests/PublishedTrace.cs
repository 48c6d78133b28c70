using System.Text;
using Google.Protobuf;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.World;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Simulation.Tests;

/// <summary>The synthetic trace in a log as agents would have published it: a record a sample, in the partition of its VM, beside its inventory.</summary>
internal static class PublishedTrace
{
    public const int TelemetryPartitions = 3;

    public static readonly Topics Topics = new();

    public static Fleet Fleet { get; } = Fleet.Of(SyntheticTrace.Options, pools: 4, _ => throw new InvalidDataException("the synthetic trace is sound"));

    public static void Write(IEventLog log)
    {
        log.CreateTopics(Topics.All(vmPartitions: 2, poolPartitions: TelemetryPartitions));
        using var outputs = new OutputBatch();
        foreach (var vm in Fleet.Vms)
            Put(outputs, Topics.Vms, vm.VmId, SchemaHeaders.VmSpec, Fleet.Start, Encode(vm));
        foreach (var host in Fleet.Hosts)
            Put(outputs, Topics.Hosts, host.HostId, SchemaHeaders.HostSpec, Fleet.Start, Encode(host));
        using var feed = new RecordedFeed(TraceReader.Open(SyntheticTrace.Options, _ => { }));
        var sample = default(DemandSample);
        while (feed.TryRead(Fleet.End, ref sample))
            Put(outputs, feed.VmId(sample.Vm), sample);
        Commit(log, outputs);
    }

    public static void Commit(IEventLog log, OutputBatch outputs)
    {
        using var producer = log.OpenProducer("publisher");
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    public static void Put(OutputBatch outputs, string topic, string key, byte[] schema, EventTime time, byte[] value) =>
        outputs.Append(new TopicPartition(topic, 0), time, Encoding.UTF8.GetBytes(key), schema, value);

    public static byte[] Encode(VmSpec vm)
    {
        var writer = new ProtoWriter();
        VmSpecCodec.WriteFields(writer, vm);
        return writer.Written.ToArray();
    }

    public static byte[] Encode(HostSpec host)
    {
        var writer = new ProtoWriter();
        HostSpecCodec.WriteFields(writer, host);
        return writer.Written.ToArray();
    }

    /// <summary>Every seventh sample claims that all time is over, and so do records without a sample: live nobody listens.</summary>
    private static void Put(OutputBatch outputs, string vmId, in DemandSample sample)
    {
        var message = new Wire.Telemetry
        {
            Samples =
            {
                new Wire.UsageSample
                {
                    VmId = vmId,
                    EventTimeMs = sample.Time.UnixMilliseconds,
                    IntervalMs = (uint)sample.Interval.TotalMilliseconds,
                    CpuCores = sample.CpuCores,
                    MemoryGib = sample.MemoryGib,
                    DiskBytesPerSecond = sample.DiskBytesPerSecond,
                    NetworkBytesPerSecond = sample.NetworkBytesPerSecond,
                    CpuCoresAllocated = sample.CpuCoresAllocated,
                    MemoryGibAllocated = sample.MemoryGibAllocated,
                },
            },
            Heartbeat = outputs.Count % 7 == 0 ? new Wire.Heartbeat { EventTimeMs = 4_000_000_000_000 } : null,
        };
        var target = new TopicPartition(Topics.Telemetry, StableHash.Partition(vmId, TelemetryPartitions));
        var alive = new Wire.Telemetry { Heartbeat = new Wire.Heartbeat { EventTimeMs = 4_000_000_000_000 } };
        if (outputs.Count % 11 == 0)
            outputs.Append(target, sample.Time, Encoding.UTF8.GetBytes(vmId), SchemaHeaders.Telemetry, alive.ToByteArray());
        if (outputs.Count % 13 == 0)
            outputs.Append(target, sample.Time, Encoding.UTF8.GetBytes(vmId), [], """{"heartbeat":{"event_time_ms":4000000000000}}"""u8);
        outputs.Append(target, sample.Time, Encoding.UTF8.GetBytes(vmId), SchemaHeaders.Telemetry, message.ToByteArray());
    }
}
