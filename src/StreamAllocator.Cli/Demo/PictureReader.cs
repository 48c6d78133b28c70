using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Demo;

/// <summary>Reads what the picture shows, without a group: nothing waits for it. Belongs to one thread.</summary>
internal sealed class PictureReader(IEventLog log, Topics topics, Picture picture)
{
    private const int BatchSize = 500;
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    /// <summary>So much of what was before a resumed demo is read again, so that the picture is whole at once.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(3);

    public void Run(EventTime begun, CancellationToken cancellation)
    {
        string[] shown = [topics.Features, topics.Forecasts, topics.Decisions, topics.Allocations];
        var partitions = log.Topics().Where(topic => shown.Contains(topic.Name))
            .SelectMany(topic => topic.AllPartitions)
            .ToList();
        using var reader = log.Read(partitions);
        using var batch = new RecordBatch();
        foreach (var partition in partitions)
            reader.Seek(partition, partition.Topic == topics.Allocations ? log.BeginOffset(partition) : log.OffsetAt(partition, begun - Before));
        while (!cancellation.IsCancellationRequested)
        {
            if (reader.Poll(batch, BatchSize, PollWait) == PollOutcome.Records)
                picture.Fold(batch);
        }
    }
}
