using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Records;

/// <summary>What a topic lacks for the allocator. One that keeps more than it must is in order.</summary>
internal static class TopicCheck
{
    /// <param name="found">Null where it does not exist.</param>
    public static IEnumerable<string> Problems(TopicSpec expected, TopicSpec? found)
    {
        if (found is null)
        {
            yield return $"{expected.Name}: found nothing, expected {expected.Partitions} partitions ('topics create' makes it)";
            yield break;
        }

        if (found.Partitions != expected.Partitions)
            yield return $"{expected.Name}: found {found.Partitions} partitions, expected {expected.Partitions} partitions";
        if (found.CleanUp.HasFlag(CleanUp.Compact) && !expected.CleanUp.HasFlag(CleanUp.Compact))
            yield return $"{expected.Name}: found compaction (cleanup.policy), which loses records; expected {Policy(expected.CleanUp)}";
        if (Kept(found) < Kept(expected))
            yield return $"{expected.Name}: found records kept for {Kept(found).TotalDays:0.##} days (cleanup.policy {Policy(found.CleanUp)}, retention.ms), expected {Expected(expected)}";
        if (!found.KeepsEventTimes)
            yield return $"{expected.Name}: found message.timestamp.type LogAppendTime, expected CreateTime: a record's time is its event time";
    }

    /// <summary>How long the newest record of a key is kept.</summary>
    private static TimeSpan Kept(TopicSpec topic) => topic.CleanUp.HasFlag(CleanUp.Delete) ? topic.Retention ?? TimeSpan.MaxValue : TimeSpan.MaxValue;

    private static string Expected(TopicSpec topic) =>
        Kept(topic) == TimeSpan.MaxValue ? $"cleanup.policy {Policy(topic.CleanUp)}" : $"{Kept(topic).TotalDays:0.##} days or more";

    private static string Policy(CleanUp cleanUp) => cleanUp == CleanUp.Delete ? "delete" : cleanUp == CleanUp.Compact ? "compact" : "compact,delete";
}
