using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Chaos.Tests.Evidence;

/// <summary>All that a log holds after a run: every partition's records in order, and how far each role has committed.</summary>
internal sealed class Transcript(
    IReadOnlyDictionary<TopicPartition, List<TopicRecord>> partitions, IReadOnlyDictionary<(string Group, TopicPartition Source), long> committed)
{
    public IReadOnlyDictionary<TopicPartition, List<TopicRecord>> Partitions => partitions;

    public long Records => partitions.Values.Sum(records => (long)records.Count);

    public List<TopicRecord> this[TopicPartition partition] => partitions[partition];

    /// <summary>Of a topic, partition by partition.</summary>
    public IEnumerable<(int Partition, List<TopicRecord> Records)> Of(string topic) =>
        partitions.Where(entry => entry.Key.Topic == topic).OrderBy(entry => entry.Key).Select(entry => (entry.Key.Partition, entry.Value));

    /// <summary>What the group has folded of the partition.</summary>
    public IEnumerable<TopicRecord> Folded(string group, TopicPartition source)
    {
        var end = committed.GetValueOrDefault((group, source));
        return partitions[source].TakeWhile(record => record.Offset < end);
    }

    /// <summary>The same, whose lists may be changed.</summary>
    public Transcript Copy() => new(partitions.ToDictionary(entry => entry.Key, entry => entry.Value.ToList()), committed);
}
