namespace StreamAllocator.Pipeline.Logs;

/// <param name="Name">1–249 characters of <c>[A-Za-z0-9._-]</c>, as Kafka has it.</param>
/// <param name="Partitions">At least 1.</param>
/// <param name="Retention">
/// How long records are kept at least, by event time; null keeps them for ever. Age counts from the partition's newest record (embedded, in
/// memory), or from the broker's clock (Kafka); what is older goes some time later, in portions, never from between younger records.
/// </param>
public sealed record TopicSpec(string Name, int Partitions, CleanUp CleanUp = CleanUp.Delete, TimeSpan? Retention = null)
{
    /// <summary>Records keep the event time that they were given; a broker may be told to stamp its own instead.</summary>
    public bool KeepsEventTimes { get; init; } = true;

    /// <summary>Each of its partitions, in their order.</summary>
    public IEnumerable<TopicPartition> AllPartitions => Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(Name, partition));

    /// <exception cref="LogException">The log has no such topic.</exception>
    public static TopicSpec Find(IEventLog log, string name) => log.Topics().FirstOrDefault(topic => topic.Name == name)
        ?? throw new LogException($"topic {name} does not exist (any more): 'streamallocator topics create' makes it");

    /// <exception cref="LogException">A part of it is out of its range.</exception>
    public void Validate()
    {
        if (Name.Length is < 1 or > 249 || Name is "." or ".." || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            throw new LogException($"'{Name}' is no name for a topic: 1-249 characters of A-Z a-z 0-9 . _ - are");
        if (Partitions < 1)
            throw new LogException($"topic {Name} needs at least 1 partition, {Partitions} were asked for");
        if (CleanUp == 0 || Retention <= TimeSpan.Zero)
            throw new LogException($"topic {Name} needs a clean-up policy, and a retention above zero where it has one");
    }
}

[Flags]
public enum CleanUp
{
    /// <summary>Records older than the retention go.</summary>
    Delete = 1,

    /// <summary>Of each key the newest record stays; an empty value removes the key (in Kafka: a null value).</summary>
    Compact = 2,
}
