using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Records;

/// <summary>Takes each record of a topic; false ends the reading.</summary>
internal delegate bool RecordVisit(TopicPartition source, in LogRecord record);

/// <summary>Reads a topic without a group.</summary>
internal static class TopicReader
{
    private const int BatchSize = 500;
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(200);

    /// <param name="from">First event time; null begins with the first record kept.</param>
    /// <param name="follow">Goes on with what is still to come, until it is cancelled; otherwise it ends where the topic ended at the start.</param>
    public static void Read(IEventLog log, TopicSpec topic, EventTime? from, bool follow, RecordVisit visit, CancellationToken cancellation)
    {
        var sources = topic.AllPartitions.ToList();
        var left = sources.ToDictionary(source => source, log.EndOffset);
        using var reader = log.Read(sources);
        using var batch = new RecordBatch();
        foreach (var source in sources)
        {
            var begin = from is { } time ? log.OffsetAt(source, time) : log.BeginOffset(source);
            reader.Seek(source, begin);
            if (begin >= left[source])
                left.Remove(source);
        }

        while (!cancellation.IsCancellationRequested && (follow || left.Count > 0))
        {
            reader.Poll(batch, BatchSize, PollWait);
            for (var index = 0; index < batch.Count; index++)
            {
                if (!follow && (!left.TryGetValue(batch.Source, out var end) || batch[index].Offset >= end))
                    break;
                if (!visit(batch.Source, batch[index]))
                    return;
            }

            foreach (var (source, end) in left)
            {
                if (reader.Position(source) >= end)
                    left.Remove(source);
            }
        }
    }

    /// <summary>The topic of that name, with or without the prefix.</summary>
    public static TopicSpec Find(IEventLog log, string prefix, string name)
    {
        var topics = log.Topics();
        return topics.FirstOrDefault(topic => topic.Name == name || topic.Name == prefix + name)
            ?? throw new UsageException($"topic '{name}': expected one of {string.Join(", ", topics.Select(topic => topic.Name))}");
    }
}
