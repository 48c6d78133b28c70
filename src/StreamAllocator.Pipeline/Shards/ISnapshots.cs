using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>Where tasks leave their snapshots. Thread-safe: the shards of a process share it.</summary>
public interface ISnapshots
{
    /// <param name="producer">The shard's own, between two commits.</param>
    void Write(ILogProducer producer, string group, TopicPartition partition, Snapshot snapshot);

    /// <summary>The newest snapshot that is whole, has this fingerprint and does not lie beyond the committed offset; null if there is none.</summary>
    Snapshot? Newest(string group, TopicPartition partition, string fingerprint, long committed);
}
