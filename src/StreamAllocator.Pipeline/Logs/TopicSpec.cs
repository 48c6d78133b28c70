namespace StreamAllocator.Pipeline.Logs;

/// <param name="Name">1–249 characters of <c>[A-Za-z0-9._-]</c>, as Kafka has it.</param>
/// <param name="Partitions">At least 1.</param>
/// <param name="Retention">How long records are kept, by event time; null keeps them for ever.</param>
public sealed record TopicSpec(string Name, int Partitions, CleanUp CleanUp = CleanUp.Delete, TimeSpan? Retention = null);

[Flags]
public enum CleanUp
{
    /// <summary>Records older than the retention go.</summary>
    Delete = 1,

    /// <summary>Of each key the newest record stays; an empty value removes the key.</summary>
    Compact = 2,
}
