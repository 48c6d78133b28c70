using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Benchmarks.Scale;

/// <summary>
/// So many VMs of 4 cores and 16 GiB, 2,500 to a pool, whose use rises and falls with the day, each at its own hour, and a seeded noise; one sample
/// to a message, or many, as a collector for many VMs sends them. A VM can be told to use all that it has.
/// </summary>
/// <param name="lower">What no VM is shrunk below.</param>
internal sealed class SimulatedFleet(IEventLog log, Topics topics, int vms, int telemetryPartitions, int samplesPerMessage, VmSize lower) : IDisposable
{
    private const int VmsPerPool = 2500;

    /// <summary>Capacity of a pool as a multiple of what its VMs are provisioned with.</summary>
    private const double Slack = 1.5;
    private const int RecordsPerSend = 1000;

    private static readonly TimeSpan BetweenCommits = TimeSpan.FromMilliseconds(50);

    /// <summary>Shorter pauses are not worth their timer.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    public static readonly VmSize Size = new(4, 16);

    private readonly ILogProducer _producer = log.OpenProducer("simulated-fleet");
    private readonly OutputBatch _outputs = new();
    private readonly ProtoWriter _writer = new();
    private readonly SampleColumns _samples = new();
    private readonly ConcurrentDictionary<string, Surge> _surges = new(StringComparer.Ordinal);
    private readonly string[] _ids = [.. Enumerable.Range(0, vms).Select(vm => string.Create(CultureInfo.InvariantCulture, $"vm-{vm:D7}"))];
    private long _published;
    private long _committed;

    public int Vms => vms;

    /// <summary>Samples handed to Kafka so far.</summary>
    public long Published => Volatile.Read(ref _published);

    public int Pools { get; } = (vms + VmsPerPool - 1) / VmsPerPool;

    public void PublishInventory()
    {
        var now = EventTime.From(DateTimeOffset.UtcNow);
        for (var pool = 0; pool < Pools; pool++)
        {
            var capacity = new VmSize(Size.CpuCores * VmsPerPool * Slack, Size.MemoryGib * VmsPerPool * Slack);
            var host = new HostSpec($"{Pool(pool)}-host", Pool(pool), "", "", capacity, new VmSize(0.01, 0.015625));
            Add(new TopicPartition(topics.Hosts, 0), now, host.HostId, SchemaHeaders.HostSpec, () => HostSpecCodec.WriteFields(_writer, host));
        }

        for (var vm = 0; vm < vms; vm++)
        {
            var spec = new VmSpec(_ids[vm], Pool(vm / VmsPerPool), Size, lower, new VmSize(8, 32), (Priority)(vm % 4));
            Add(new TopicPartition(topics.Vms, 0), now, spec.VmId, SchemaHeaders.VmSpec, () => VmSpecCodec.WriteFields(_writer, spec));
        }

        Commit();
    }

    /// <summary>One sample of each VM now and after each interval, spread over it, until it is cancelled; committed every now and then.</summary>
    public async Task PublishTelemetry(TimeSpan every, CancellationToken cancellation)
    {
        var start = DateTimeOffset.UtcNow;
        for (var sample = 0L; !cancellation.IsCancellationRequested;)
        {
            var (round, first) = Math.DivRem(sample, vms);
            var until = (int)Math.Min(vms, first + samplesPerMessage);
            Publish((int)first, until, round);
            sample += until - first;
            if (Stopwatch.GetElapsedTime(_committed) > BetweenCommits)
                Commit();
            if (start + (every * ((double)sample / vms)) - DateTimeOffset.UtcNow is var early && early > Breath)
            {
                Commit();
                await Task.Delay(early, CancellationToken.None);
            }
        }

        Commit();
    }

    /// <summary>From its next sample on the VM uses all its cores.</summary>
    public void BeginSurge(int vm) => _surges.TryAdd(_ids[vm], new Surge());

    /// <summary>Ends a surge; how long ago its first sample was made, null where there was none.</summary>
    public TimeSpan? EndSurge(string vmId) =>
        _surges.TryRemove(vmId, out var surge) && surge.FirstSample is { } first ? Stopwatch.GetElapsedTime(first) : null;

    /// <summary>VMs told to surge whose surge has not been ended.</summary>
    public int Surging => _surges.Count;

    public void Dispose()
    {
        _producer.Dispose();
        _outputs.Dispose();
    }

    private void Publish(int from, int to, long round)
    {
        var now = EventTime.From(DateTimeOffset.UtcNow);
        _samples.Clear();
        for (var vm = from; vm < to; vm++)
        {
            var noise = StableHash.Combine((ulong)round, (ulong)vm) % 1000 / 1000f;
            var day = (float)(1 + Math.Sin((now.UnixMilliseconds / 86_400_000.0 + vm / 997.0) * 2 * Math.PI));
            var cpu = 0.1f + (0.4f * day) + (0.2f * noise);
            var cpuMax = cpu * 1.2f;
            if (!_surges.IsEmpty && _surges.TryGetValue(_ids[vm], out var surge))
            {
                surge.FirstSample ??= Stopwatch.GetTimestamp();
                cpu = cpuMax = (float)Size.CpuCores;
            }

            _samples.Add(_ids[vm], now, [cpu, cpuMax, 4 + (2 * day), 1e6f * noise, 2e6f * day, (float)Size.CpuCores, (float)Size.MemoryGib, 0], 0);
        }

        Volatile.Write(ref _published, _published + _samples.Count);
        var target = new TopicPartition(topics.Telemetry, from / samplesPerMessage % telemetryPartitions);
        Add(target, now, "", SchemaHeaders.Telemetry, () =>
        {
            for (var sample = 0; sample < _samples.Count; sample++)
                TelemetryCodec.Write(_writer, _samples, sample);
        });
    }

    private void Add(TopicPartition target, EventTime time, string key, byte[] schema, Action write)
    {
        _writer.Clear();
        write();
        _outputs.Append(target, time, Encoding.UTF8.GetBytes(key), schema, _writer.Written);
        if (_outputs.Count >= RecordsPerSend)
            Send();
    }

    private void Send()
    {
        _producer.Send(_outputs);
        _outputs.Clear();
    }

    private void Commit()
    {
        Send();
        _producer.Commit(null, []);
        _committed = Stopwatch.GetTimestamp();
    }

    private static string Pool(int pool) => string.Create(CultureInfo.InvariantCulture, $"pool-{pool:D3}");

    private sealed class Surge
    {
        public long? FirstSample { get; set; }
    }
}
