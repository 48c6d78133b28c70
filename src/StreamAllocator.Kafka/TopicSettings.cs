using System.Globalization;
using Confluent.Kafka.Admin;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>A topic's specification as the broker's settings, and back.</summary>
internal static class TopicSettings
{
    /// <summary>A segment closes after this part of the retention, so that records outlive it by no more than about that.</summary>
    private const int SegmentsPerRetention = 10;

    private static readonly TimeSpan ShortestSegment = TimeSpan.FromMinutes(5);

    public static TopicSpecification Specification(TopicSpec topic)
    {
        var settings = new Dictionary<string, string>
        {
            ["cleanup.policy"] = topic.CleanUp switch
            {
                CleanUp.Delete => "delete",
                CleanUp.Compact => "compact",
                _ => "compact,delete",
            },
            ["retention.ms"] = Text(topic.Retention ?? TimeSpan.FromMilliseconds(-1)),
            ["max.message.bytes"] = ClientSettings.MaxMessageBytes.ToString(CultureInfo.InvariantCulture),

            // A record's time is its event time, which may lie far from the broker's clock either way.
            ["message.timestamp.type"] = "CreateTime",
            ["message.timestamp.before.max.ms"] = long.MaxValue.ToString(CultureInfo.InvariantCulture),
            ["message.timestamp.after.max.ms"] = long.MaxValue.ToString(CultureInfo.InvariantCulture),
        };
        if (topic.Retention is { } retention)
            settings["segment.ms"] = Text(retention / SegmentsPerRetention < ShortestSegment ? ShortestSegment : retention / SegmentsPerRetention);
        return new TopicSpecification { Name = topic.Name, NumPartitions = topic.Partitions, ReplicationFactor = -1, Configs = settings };
    }

    public static TopicSpec Spec(string name, int partitions, IReadOnlyDictionary<string, ConfigEntryResult> settings)
    {
        var cleanUp = settings["cleanup.policy"].Value.Split(',').Aggregate((CleanUp)0, (policy, word) => policy | (word.Trim() == "compact" ? CleanUp.Compact : CleanUp.Delete));
        var retention = long.Parse(settings["retention.ms"].Value, CultureInfo.InvariantCulture);
        return new TopicSpec(name, partitions, cleanUp, retention < 0 || !cleanUp.HasFlag(CleanUp.Delete) ? null : TimeSpan.FromMilliseconds(retention))
        {
            KeepsEventTimes = settings["message.timestamp.type"].Value == "CreateTime",
        };
    }

    private static string Text(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
