using System.Text;
using Confluent.Kafka;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.World;
using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>
/// The agents of a trace that is told fifty times as fast as it was recorded: each VM sends every two seconds what it has come to, and a little
/// noise. Keeps the books of what the broker has acknowledged, in the order in which it was sent.
/// </summary>
internal sealed class Publisher : IDisposable
{
    private const int Speed = 50;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Topics _topics;
    private readonly Fleet _fleet;
    private readonly int _partitions;
    private readonly RecordedFeed _feed;
    private readonly Dictionary<string, double[]> _demand = new(StringComparer.Ordinal);
    private readonly List<PublishedSample> _sent = [];
    private int _acknowledged;
    private string? _refused;

    /// <param name="partitions">Of the topic telemetry.</param>
    public Publisher(string bootstrap, Topics topics, TraceOptions trace, Fleet fleet, int partitions)
    {
        _topics = topics;
        _fleet = fleet;
        _partitions = partitions;
        _feed = new RecordedFeed(TraceReader.Open(trace, _ => { }));
        _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrap,
            EnableIdempotence = true,
            LingerMs = 5,
            MessageTimeoutMs = 300_000,
            ReconnectBackoffMaxMs = 500,
        }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }

    public void PublishInventory()
    {
        foreach (var entry in InventoryEntry.Of(_fleet, _topics))
            Produce(new Confluent.Kafka.TopicPartition(entry.Topic, 0), TimeProvider.System.GetUtcNow(), entry.Key, entry.Headers, entry.Value);
        _producer.Flush(TimeSpan.FromSeconds(30));
    }

    /// <summary>Goes on until it is cancelled, and then until the broker has acknowledged all.</summary>
    /// <returns>The books.</returns>
    public async Task<IReadOnlyList<PublishedSample>> Run(CancellationToken cancellation)
    {
        var begin = TimeProvider.System.GetUtcNow();
        var next = begin;
        while (!cancellation.IsCancellationRequested)
        {
            var now = TimeProvider.System.GetUtcNow();
            for (; next <= now; next += Every / _fleet.Vms.Count)
                Sample(next, begin);
            await Task.Delay(Look, CancellationToken.None);
        }

        _producer.Flush(TimeSpan.FromMinutes(2));
        Assert.Null(_refused);
        Assert.Equal(_sent.Count + _fleet.Vms.Count + _fleet.Hosts.Count, _acknowledged);
        return _sent;
    }

    public void Dispose()
    {
        _producer.Dispose();
        _feed.Dispose();
    }

    private void Sample(DateTimeOffset time, DateTimeOffset begin)
    {
        var (told, sample) = (_fleet.Start + Speed * (time - begin), default(DemandSample));
        while (_feed.TryRead(told + TimeSpan.FromMinutes(5), ref sample))
            _demand[_feed.VmId(sample.Vm)] = [sample.CpuCores, sample.MemoryGib, sample.DiskBytesPerSecond, sample.NetworkBytesPerSecond];
        var vm = _fleet.Vms[_sent.Count % _fleet.Vms.Count].VmId;
        var noise = _sent.Count % 7 / 64.0;
        var published = new PublishedSample(vm, time.ToUnixTimeMilliseconds(), [.. _demand.GetValueOrDefault(vm, new double[4]).Select(value => PublishedSample.Dyadic(value + noise))]);
        _sent.Add(published);
        var key = Encoding.UTF8.GetBytes(vm);
        Produce(new Confluent.Kafka.TopicPartition(_topics.Telemetry, StableHash.Partition(key, _partitions)), time, key, [], published.Encode());
    }

    private void Produce(Confluent.Kafka.TopicPartition target, DateTimeOffset time, byte[] key, byte[] headers, byte[] value)
    {
        var message = new Message<byte[], byte[]> { Key = key, Value = value, Timestamp = new Timestamp(time), Headers = [] };
        var left = (ReadOnlySpan<byte>)headers;
        while (RecordHeaders.TryTake(ref left, out var name, out var content))
            message.Headers.Add(Encoding.UTF8.GetString(name), content.ToArray());
        _producer.Produce(target, message, report =>
        {
            if (report.Error.IsError)
                _refused = report.Error.Reason;
            else
                Interlocked.Increment(ref _acknowledged);
        });
    }
}
