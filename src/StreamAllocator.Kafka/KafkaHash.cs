namespace StreamAllocator.Kafka;

/// <summary>Which partition of Kafka's own topics is about a name: Java's hash of it, without its sign.</summary>
internal static class KafkaHash
{
    public static int Partition(string name, int partitions)
    {
        var hash = 0;
        foreach (var letter in name)
            hash = unchecked(31 * hash + letter);
        return hash == int.MinValue ? 0 : Math.Abs(hash) % partitions;
    }
}
