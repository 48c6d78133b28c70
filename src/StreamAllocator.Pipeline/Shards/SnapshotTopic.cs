using System.Buffers;
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

    private readonly Lazy<int> _partitions = new(() => TopicSpec.Find(log, topic).Partitions);
    private readonly ConcurrentDictionary<string, int> _lastSlots = new(StringComparer.Ordinal);

    public void Write(ILogProducer producer, string group, TopicPartition partition, long next, string fingerprint, Action<IBufferWriter<byte>> save)
    {
        var task = TaskKey(group, partition);
        var slot = _lastSlots.TryGetValue(task, out var last) ? (last + 1) % Slots : 0;
        var count = (int)((Snapshot.EncodedLength(fingerprint, save) + ChunkBytes - 1) / ChunkBytes);
        using var outputs = new OutputBatch();
        var value = new byte[Head + ChunkBytes];
        BinaryPrimitives.WriteInt64LittleEndian(value, next);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), count);
        var index = 0;
        Snapshot.Encode(next, fingerprint, save, ChunkBytes, chunk =>
        {
            chunk.CopyTo(value.AsSpan(Head));
            outputs.Append(Place(partition), new EventTime(0), ChunkKey(task, slot, index++), [], value.AsSpan(0, Head + chunk.Length));
            if (outputs.Count < ChunksPerTransaction && index < count)
                return;
            producer.Send(outputs);
            producer.Commit(null, []);
            outputs.Clear();
        });
        _lastSlots[task] = slot;
    }

    public Snapshot? Newest(string group, TopicPartition partition, string fingerprint, long committed)
    {
        var task = TaskKey(group, partition);
        for (var limit = committed; NewestChunks(task, Place(partition), limit) is { } chunks; limit = chunks.Next - 1)
        {
            if (!chunks.IsWhole || Snapshot.Decode(chunks.Bytes) is not { } snapshot || snapshot.Fingerprint != fingerprint)
                continue;
            _lastSlots[task] = chunks.Slot;
            return snapshot;
        }

        return null;
    }

    private static string TaskKey(string group, TopicPartition partition) => $"{group}/{partition}/";

    private static byte[] ChunkKey(string task, int slot, int index) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{task}{slot}/{index:D6}"));

    /// <summary>Tasks of one group lie apart, so that a large one is not read past for another.</summary>
    private TopicPartition Place(TopicPartition partition) => new(topic, partition.Partition % _partitions.Value);

    /// <summary>
    /// The chunks of the newest snapshot that does not lie beyond an offset of its input, whole or not; null if there is none. Found from the
    /// end backwards: what was written before it, and is not yet compacted, is not read.
    /// </summary>
    private SnapshotChunks? NewestChunks(string task, TopicPartition place, long limit)
    {
        SnapshotChunks? newest = null;
        CommittedRecords.ReadBackwards(log, place, (in record) =>
        {
            if (Encoding.UTF8.GetString(record.Key) is var key && key.StartsWith(task, StringComparison.Ordinal) && record.Value.Length > Head)
            {
                var next = BinaryPrimitives.ReadInt64LittleEndian(record.Value);
                var slot = key[task.Length] - '0';
                if (next <= limit && (newest is null || next > newest.Next))
                    newest = new SnapshotChunks(next, slot, BinaryPrimitives.ReadInt32LittleEndian(record.Value[8..]), ChunkBytes);
                if (next == newest?.Next && slot == newest.Slot)
                    newest.Take(int.Parse(key.AsSpan(task.Length + 2), CultureInfo.InvariantCulture), record.Offset, record.Value[Head..]);
            }

            return true;
        }, () => newest is { IsWhole: true });
        return newest;
    }
}
