using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// Snapshots as records of a compacted topic, so that a task can go on in another process on another machine. Each is cut into chunks and
/// takes turns between two slots of its task: what was there before stays whole until all of the new one is. A chunk's key is the task, the slot
/// and its place; its value begins with the offset of its snapshot and the number of chunks.
/// </summary>
/// <param name="topic">Compacted; exists when the first shard opens.</param>
public sealed class SnapshotTopic(IEventLog log, string topic) : ISnapshots
{
    /// <summary>512 KiB.</summary>
    public const int ChunkBytes = 512 << 10;

    /// <summary>A transaction must end before its timeout, however large the state is.</summary>
    public const int ChunksPerTransaction = 16;

    private const int Head = 12;
    private const int Slots = 2;

    private readonly Lazy<int> _partitions = new(() => log.Topics().Single(spec => spec.Name == topic).Partitions);
    private readonly ConcurrentDictionary<string, int> _lastSlots = new(StringComparer.Ordinal);

    public void Write(ILogProducer producer, string group, TopicPartition partition, Snapshot snapshot)
    {
        var task = TaskKey(group, partition);
        var slot = _lastSlots.TryGetValue(task, out var last) ? (last + 1) % Slots : 0;
        var encoded = snapshot.Encode();
        var count = (encoded.Length + ChunkBytes - 1) / ChunkBytes;
        using var outputs = new OutputBatch();
        var value = new byte[Head + ChunkBytes];
        BinaryPrimitives.WriteInt64LittleEndian(value, snapshot.Next);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), count);
        for (var index = 0; index < count; index++)
        {
            var chunk = encoded.AsSpan(index * ChunkBytes, Math.Min(ChunkBytes, encoded.Length - index * ChunkBytes));
            chunk.CopyTo(value.AsSpan(Head));
            outputs.Append(Target(task), new EventTime(0), ChunkKey(task, slot, index), [], value.AsSpan(0, Head + chunk.Length));
            if (outputs.Count < ChunksPerTransaction && index < count - 1)
                continue;
            producer.Send(outputs);
            producer.Commit(null, []);
            outputs.Clear();
        }

        _lastSlots[task] = slot;
    }

    public Snapshot? Newest(string group, TopicPartition partition, string fingerprint, long committed)
    {
        var task = TaskKey(group, partition);
        Snapshot? newest = null;
        var slots = Read(task);
        for (var slot = 0; slot < Slots; slot++)
        {
            if (slots[slot].Whole() is not { } encoded || Snapshot.Decode(encoded) is not { } snapshot)
                continue;
            if (snapshot.Fingerprint != fingerprint || snapshot.Next > committed || snapshot.Next <= newest?.Next)
                continue;
            newest = snapshot;
            _lastSlots[task] = slot;
        }

        return newest;
    }

    private static string TaskKey(string group, TopicPartition partition) => $"{group}/{partition}/";

    private static byte[] ChunkKey(string task, int slot, int index) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{task}{slot}/{index:D6}"));

    private TopicPartition Target(string task) => new(topic, StableHash.Partition(task, _partitions.Value));

    private Slot[] Read(string task)
    {
        var slots = new Slot[Slots];
        for (var slot = 0; slot < Slots; slot++)
            slots[slot] = new Slot();
        var source = Target(task);
        CommittedRecords.Read(log, source, log.BeginOffset(source), (in record) =>
        {
            var key = Encoding.UTF8.GetString(record.Key);
            if (key.StartsWith(task, StringComparison.Ordinal) && record.Value.Length > Head)
                slots[key[task.Length] - '0'].Take(int.Parse(key.AsSpan(task.Length + 2), CultureInfo.InvariantCulture), record.Value);
            return true;
        });
        return slots;
    }

    /// <summary>The chunks last written to a slot.</summary>
    private sealed class Slot
    {
        private readonly SortedDictionary<int, byte[]> _chunks = [];
        private long _next;
        private int _count;

        public void Take(int index, ReadOnlySpan<byte> value)
        {
            var next = BinaryPrimitives.ReadInt64LittleEndian(value);
            if (next != _next)
                _chunks.Clear();
            _next = next;
            _count = BinaryPrimitives.ReadInt32LittleEndian(value[8..]);
            _chunks[index] = value[Head..].ToArray();
        }

        /// <summary>Null where a chunk is missing: the writer died on the way.</summary>
        public byte[]? Whole() => _count > 0 && _chunks.Count == _count ? [.. _chunks.Values.SelectMany(chunk => chunk)] : null;
    }
}
