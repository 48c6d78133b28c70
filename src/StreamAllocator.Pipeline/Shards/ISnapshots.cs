using System.Buffers;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>Where tasks leave their snapshots. Thread-safe: the shards of a process share it.</summary>
public interface ISnapshots
{
    /// <param name="producer">The shard's own, between two commits.</param>
    /// <param name="next">Offset at which the task goes on.</param>
    /// <param name="save">Writes the state; called more than once, each time with the same result.</param>
    void Write(ILogProducer producer, string group, TopicPartition partition, long next, string fingerprint, Action<IBufferWriter<byte>> save);

    /// <summary>The newest snapshot that is whole, has this fingerprint and does not lie beyond the committed offset; null if there is none.</summary>
    Snapshot? Newest(string group, TopicPartition partition, string fingerprint, long committed);
}
