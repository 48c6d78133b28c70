using System.Diagnostics;
using Confluent.Kafka;
using StreamAllocator.Pipeline;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>
/// Sees the ticks of every stage and partition as they become visible: each ticks once a second, so a hand-over is the gap in which one does not.
/// </summary>
internal sealed class TickWatch : IDisposable
{
    private static readonly (Wire.TickSource Source, string Topic)[] Stages =
        [(Wire.TickSource.Ingest, "vm-inputs"), (Wire.TickSource.Predict, "pool-inputs"), (Wire.TickSource.Decide, "commands"), (Wire.TickSource.Execute, "pool-inputs")];

    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<Lane, List<(long Seen, long TickMs)>> _ticks = [];
    private readonly Task _watching;

    public TickWatch(PlainLog log, Topics topics, int vmPartitions, int poolPartitions)
    {
        foreach (var (source, _) in Stages)
        {
            for (var index = 0; index < (source == Wire.TickSource.Predict ? vmPartitions : poolPartitions); index++)
                _ticks.Add(new Lane(source, index), []);
        }

        var consumer = log.OpenConsumer(IsolationLevel.ReadCommitted);
        consumer.Assign(
            log.Partitions(topics.Prefix).Where(partition => Array.Exists(Stages, stage => partition.Topic == topics.Prefix + stage.Topic))
                .Select(partition => new TopicPartitionOffset(partition.Topic, partition.Partition, Offset.Beginning)));
        _watching = Task.Factory.StartNew(() => Watch(consumer, topics), _stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>How many there are.</summary>
    public int Lanes => _ticks.Count;

    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>The stage and partition that has come least far in event time; unknown before each has ticked.</summary>
    public (string Lane, long TickMs) Slowest()
    {
        lock (_ticks)
        {
            var slowest = _ticks.MinBy(lane => lane.Value.Count == 0 ? 0 : lane.Value[^1].TickMs);
            return ($"{slowest.Key}", slowest.Value.Count == 0 ? 0 : slowest.Value[^1].TickMs);
        }
    }

    /// <summary>Every stage and partition has ticked since then.</summary>
    public bool AllTickedSince(long moment)
    {
        lock (_ticks)
            return _ticks.Values.All(ticks => ticks.Count > 0 && ticks[^1].Seen > moment);
    }

    /// <summary>When the longest time without a tick was over, of those that ended after one moment and began before the other.</summary>
    public long EndOfLongestGap(Lane lane, long from, long until)
    {
        lock (_ticks)
        {
            var ticks = _ticks[lane];
            return ticks.Zip(ticks.Skip(1), (before, after) => (before.Seen, Next: after.Seen))
                .Where(gap => gap.Next > from && gap.Seen < until)
                .MaxBy(gap => gap.Next - gap.Seen).Next;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _watching.Wait();
        _stop.Dispose();
    }

    private void Watch(IConsumer<byte[], byte[]> consumer, Topics topics)
    {
        using (consumer)
        {
            while (!_stop.IsCancellationRequested)
            {
                // What ends a transaction that a broker forgot has no value.
                if (consumer.Consume(TimeSpan.FromMilliseconds(50)) is not { IsPartitionEOF: false, Message.Value: not null } result)
                    continue;
                var tick = result.Topic == topics.Commands ? OfCommands(result.Message)
                    : result.Topic == topics.VmInputs ? Wire.VmInputs.Parser.ParseFrom(result.Message.Value).Tick
                    : Wire.PoolInputs.Parser.ParseFrom(result.Message.Value).Tick;
                if (tick is null)
                    continue;
                lock (_ticks)
                {
                    // A stage tells every partition the same: once is enough.
                    if (_ticks.TryGetValue(new Lane(tick.Source, (int)tick.Index), out var seen) && (seen.Count == 0 || seen[^1].TickMs < tick.EventTimeMs))
                        seen.Add((Now, tick.EventTimeMs));
                }
            }
        }
    }

    private static Wire.Tick? OfCommands(Message<byte[], byte[]> message) => message.Key is { Length: > 0 } ? null : Wire.Tick.Parser.ParseFrom(message.Value);
}
