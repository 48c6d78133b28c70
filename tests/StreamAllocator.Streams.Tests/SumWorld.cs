using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Streams.Tests;

/// <summary>A log with numbers in it, the role that sums them, and what came out by key.</summary>
internal sealed class SumWorld : IDisposable
{
    public const string Numbers = "numbers";
    public const string Sums = "sums";
    public const string Group = "sum";
    public const int OutputPartitions = 3;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly int _partitions;
    private int _written;

    public SumWorld(int partitions, InMemoryFaults? faults = null)
    {
        _partitions = partitions;
        Log = new InMemoryLog(new InMemoryLogOptions { Faults = faults });
        Log.CreateTopics([new TopicSpec(Numbers, partitions), new TopicSpec(Sums, OutputPartitions)]);
    }

    public InMemoryLog Log { get; }

    public static TopicPartition Input(int partition) => new(Numbers, partition);

    public static Role Role(Action<SumTask>? beforeStep = null, Action<SumTask>? created = null) => new(
        Group,
        [Numbers],
        _ =>
        {
            var task = new SumTask(Sums, OutputPartitions, beforeStep);
            created?.Invoke(task);
            return task;
        },
        "sum-1");

    /// <summary>Appends records of 11 keys, in one transaction.</summary>
    public void Write(int records)
    {
        using var producer = Log.OpenProducer("writer");
        using var outputs = new OutputBatch();
        for (var i = 0; i < records; i++, _written++)
        {
            var key = $"key-{_written % 11}";
            outputs.Append(
                Input(StableHash.Partition(key, _partitions)),
                new EventTime(1000L * _written),
                Encoding.UTF8.GetBytes(key),
                [],
                Encoding.UTF8.GetBytes(((_written * 7919L) % 1009).ToString(CultureInfo.InvariantCulture)));
        }

        producer.Send(outputs);
        producer.Commit(null, []);
    }

    /// <summary>The writer begins again with the first record, after a fault.</summary>
    public void Rewind() => _written = 0;

    public long InputEnd() => Enumerable.Range(0, _partitions).Sum(partition => Log.EndOffset(Input(partition)));

    public long CommittedInput() => Enumerable.Range(0, _partitions).Sum(partition => Log.Committed(Group, Input(partition)) ?? 0);

    /// <summary>Waits until so many sums are there, and returns all that are there then: "time count:sum" by key, in their order.</summary>
    public SortedDictionary<string, List<string>> Await(int records)
    {
        var seen = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var started = TimeProvider.System.GetTimestamp();
        using var reader = Log.Read([.. Enumerable.Range(0, OutputPartitions).Select(partition => new TopicPartition(Sums, partition))]);
        using var batch = new RecordBatch();
        var count = 0;
        while (true)
        {
            var outcome = reader.Poll(batch, 1000, count < records ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero);
            if (outcome == PollOutcome.Idle && count >= records)
                return seen;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, $"{count} of {records} sums after {Deadline}");
            for (var i = 0; i < batch.Count; i++, count++)
            {
                var key = Encoding.UTF8.GetString(batch[i].Key);
                if (!seen.TryGetValue(key, out var values))
                    seen.Add(key, values = []);
                values.Add($"{batch[i].Time.UnixMilliseconds} {Encoding.UTF8.GetString(batch[i].Value)}");
            }
        }
    }

    /// <summary>What the plain loop makes of as many records.</summary>
    public static SortedDictionary<string, List<string>> Plain(int partitions, int records)
    {
        using var world = new SumWorld(partitions);
        world.Write(records);
        using var shard = new Shard(world.Log, Role(), "plain", new ShardOptions { PollWait = TimeSpan.Zero });
        while (world.CommittedInput() < records)
            shard.RunOnce();
        return world.Await(records);
    }

    public void Dispose() => Log.Dispose();
}
