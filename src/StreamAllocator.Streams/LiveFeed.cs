using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Streams;

/// <summary>
/// The committed records of a topic for any number of subscribers, from wherever each begins. One reader serves all of them through a hub and
/// runs only while there is one; what lies between a subscriber's beginning and the hub it reads for itself first. A subscriber that does not
/// keep up is ended and holds back nobody.
/// </summary>
public sealed class LiveFeed : IDisposable
{
    /// <summary>Batches that the hub itself holds; each subscriber has a buffer behind it. A power of two.</summary>
    private const int HubBuffer = 16;

    private readonly object _gate = new();
    private readonly IEventLog _log;
    private readonly string _topic;
    private readonly int _partitions;
    private readonly LiveFeedOptions _options;
    private readonly ActorMaterializer _pinned;
    private readonly ActorMaterializer _materializer;
    private Hub? _hub;
    private int _subscribers;
    private bool _disposed;

    public LiveFeed(ActorSystem system, IEventLog log, string topic, LiveFeedOptions? options = null)
    {
        _options = options ?? new LiveFeedOptions();
        if (_options.Validate().FirstOrDefault() is { } violation)
            throw new ArgumentException(violation, nameof(options));
        _log = log;
        _topic = topic;
        _partitions = log.Topics().FirstOrDefault(spec => spec.Name == topic)?.Partitions
            ?? throw new LogException($"topic {topic} does not exist: create it first");
        _pinned = ShardThreads.Materializer(system);
        _materializer = ActorMaterializer.Create(system);
    }

    /// <summary>For each partition the offset after its last record: from here on there is only what is still to come.</summary>
    public long[] End() => Offsets(_log.EndOffset);

    /// <summary>For each partition the offset of the first record at or after that event time.</summary>
    public long[] At(EventTime time) => Offsets(partition => _log.OffsetAt(partition, time));

    /// <summary>
    /// Each record of the topic from the given offsets on, once, in order within its partition. Ends when the feed is disposed.
    /// </summary>
    /// <param name="from">For each partition the offset to begin with: <see cref="End"/>, <see cref="At"/>, or the last one seen + 1.</param>
    /// <exception cref="SubscriberTooSlowException">So many records wait that the subscriber is given up; it may begin anew where it was.</exception>
    /// <exception cref="LogException">An offset lies beyond the end of its partition, or the log failed.</exception>
    public async IAsyncEnumerable<LiveRecord> Subscribe(
        IReadOnlyList<long> from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long[] next = [.. from];
        Check(next);
        var live = Attach();
        Subscription? catchUp = null;
        try
        {
            // The first batch says where the hub stands; nothing after it can be missed.
            var batch = await Next(live, cancellationToken).ConfigureAwait(false);
            if (batch is not null && next.Zip(batch.Before).Any(pair => pair.First < pair.Second))
            {
                var until = next.Zip(batch.Before, Math.Max).ToArray();
                catchUp = Run(Source.FromGraph(new LiveSource(_log, _topic, [.. next], until, _options)), _pinned);
                while (await Next(catchUp, cancellationToken).ConfigureAwait(false) is { } missed)
                {
                    foreach (var record in missed.Records)
                    {
                        if (record.Offset < until[record.Source.Partition])
                            yield return record;
                    }
                }

                next = until;
            }

            for (; batch is not null; batch = await Next(live, cancellationToken).ConfigureAwait(false))
            {
                foreach (var record in batch.Records)
                {
                    if (record.Offset >= next[record.Source.Partition])
                        yield return record;
                }
            }
        }
        finally
        {
            live.Stop.Shutdown();
            catchUp?.Stop.Shutdown();
            Detach();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _hub?.Stop.Shutdown();
        }
    }

    private static Subscription Run(Source<LiveBatch, Akka.NotUsed> source, ActorMaterializer materializer)
    {
        var (stop, batches) = source
            .ViaMaterialized(KillSwitches.Single<LiveBatch>(), Keep.Right)
            .ToMaterialized(ChannelSink.AsReader<LiveBatch>(bufferSize: 1, singleReader: true), Keep.Both)
            .Run(materializer);
        return new Subscription(stop, batches);
    }

    private void Check(long[] from)
    {
        if (from.Length != _partitions)
            throw new LogException($"topic {_topic} has {_partitions} partitions, {from.Length} offsets were given");
        for (var partition = 0; partition < from.Length; partition++)
        {
            var source = new TopicPartition(_topic, partition);
            var end = _log.EndOffset(source);
            if (from[partition] < 0 || from[partition] > end)
                throw new LogException($"{source} ends at offset {end}, {from[partition]} was asked for: is this the log that the offset came from?");
        }
    }

    private Subscription Attach()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_subscribers++ == 0)
                _hub = Start();
            var attached = false;
            var batches = _hub!.Batches
                .Where(batch =>
                {
                    var matters = !attached || batch.Records.Length > 0;
                    attached = true;
                    return matters;
                })
                .Buffer(_options.BufferedBatches, OverflowStrategy.Fail);
            return Run(batches, _materializer);
        }
    }

    private void Detach()
    {
        lock (_gate)
        {
            if (--_subscribers == 0)
                _hub!.Stop.Shutdown();
        }
    }

    private Hub Start()
    {
        var (stop, batches) = Source.FromGraph(new LiveSource(_log, _topic, End(), null, _options))
            .ViaMaterialized(KillSwitches.Single<LiveBatch>(), Keep.Right)
            .ToMaterialized(BroadcastHub.Sink<LiveBatch>(HubBuffer), Keep.Both)
            .Run(_pinned);
        return new Hub(stop, batches);
    }

    /// <summary>The next batch; null at the end.</summary>
    private async Task<LiveBatch?> Next(Subscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            return await subscription.Batches.WaitToReadAsync(cancellationToken).ConfigureAwait(false)
                && subscription.Batches.TryRead(out var batch) ? batch : null;
        }
        catch (BufferOverflowException overflow)
        {
            throw new SubscriberTooSlowException(
                $"a subscriber of {_topic} left {_options.BufferedBatches} batches unread; it may subscribe anew from where it was", overflow);
        }
    }

    private long[] Offsets(Func<TopicPartition, long> offset) =>
        [.. Enumerable.Range(0, _partitions).Select(partition => offset(new TopicPartition(_topic, partition)))];

    private sealed record Subscription(UniqueKillSwitch Stop, ChannelReader<LiveBatch> Batches);

    private sealed record Hub(UniqueKillSwitch Stop, Source<LiveBatch, Akka.NotUsed> Batches);
}

/// <summary>More records wait for a subscriber than its buffer holds.</summary>
public sealed class SubscriberTooSlowException(string message, Exception inner) : Exception(message, inner);
