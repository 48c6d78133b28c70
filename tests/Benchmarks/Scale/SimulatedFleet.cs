using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Benchmarks.Scale;

/// <summary>
/// So many VMs of 4 cores and 16 GiB, 2,500 to a pool, whose use rises and falls with the day, each at its own hour, and a seeded noise; a hundred
/// samples to a message, as a collector for many VMs sends them.
/// </summary>
internal sealed class SimulatedFleet(IEventLog log, Topics topics, int vms, int telemetryPartitions) : IDisposable
{
    private const int VmsPerPool = 2500;
    private const int SamplesPerMessage = 100;
    private const int RecordsPerCommit = 1000;

    private static readonly VmSize Size = new(4, 16);

    private readonly ILogProducer _producer = log.OpenProducer("simulated-fleet");
    private readonly OutputBatch _outputs = new();
    private readonly ProtoWriter _writer = new();
    private readonly SampleColumns _samples = new();
    private readonly string[] _ids = [.. Enumerable.Range(0, vms).Select(vm => string.Create(CultureInfo.InvariantCulture, $"vm-{vm:D7}"))];

    public int Vms => vms;

    public int Pools { get; } = (vms + VmsPerPool - 1) / VmsPerPool;

    public void PublishInventory()
    {
        var now = EventTime.From(DateTimeOffset.UtcNow);
        for (var pool = 0; pool < Pools; pool++)
        {
            var capacity = new VmSize(Size.CpuCores * VmsPerPool, Size.MemoryGib * VmsPerPool);
            var host = new HostSpec($"{Pool(pool)}-host", Pool(pool), "", "", capacity, new VmSize(0.01, 0.015625));
            Add(new TopicPartition(topics.Hosts, 0), now, host.HostId, SchemaHeaders.HostSpec, () => HostSpecCodec.WriteFields(_writer, host));
        }

        for (var vm = 0; vm < vms; vm++)
        {
            var spec = new VmSpec(_ids[vm], Pool(vm / VmsPerPool), Size, new VmSize(0.1, 0.125), new VmSize(8, 32), (Priority)(vm % 4));
            Add(new TopicPartition(topics.Vms, 0), now, spec.VmId, SchemaHeaders.VmSpec, () => VmSpecCodec.WriteFields(_writer, spec));
        }

        Commit();
    }

    /// <summary>One sample of each VM now and after each interval, spread over it, until it is cancelled.</summary>
    public async Task PublishTelemetry(TimeSpan every, CancellationToken cancellation)
    {
        for (var round = 0L; !cancellation.IsCancellationRequested; round++)
        {
            var start = DateTimeOffset.UtcNow;
            for (var first = 0; first < vms && !cancellation.IsCancellationRequested; first += SamplesPerMessage)
            {
                var due = start + (every * first / vms);
                if (due - DateTimeOffset.UtcNow is { Ticks: > 0 } early)
                {
                    Commit();
                    await Task.Delay(early, CancellationToken.None);
                }

                Publish(first, Math.Min(vms, first + SamplesPerMessage), round);
            }

            Commit();
            if (start + every - DateTimeOffset.UtcNow is { Ticks: > 0 } left)
                await Task.Delay(left, CancellationToken.None);
        }
    }

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
            var noise = StableHash.Of($"{vm}/{round}") % 1000 / 1000f;
            var day = (float)(1 + Math.Sin((now.UnixMilliseconds / 86_400_000.0 + vm / 997.0) * 2 * Math.PI));
            var cpu = 0.2f + (0.8f * day) + (0.4f * noise);
            _samples.Add(_ids[vm], now, [cpu, cpu * 1.2f, 4 + (2 * day), 1e6f * noise, 2e6f * day, (float)Size.CpuCores, (float)Size.MemoryGib, 0], 0);
        }

        var target = new TopicPartition(topics.Telemetry, from / SamplesPerMessage % telemetryPartitions);
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
        if (_outputs.Count >= RecordsPerCommit)
            Commit();
    }

    private void Commit()
    {
        _producer.Send(_outputs);
        _producer.Commit(null, []);
        _outputs.Clear();
    }

    private static string Pool(int pool) => string.Create(CultureInfo.InvariantCulture, $"pool-{pool:D3}");
}
