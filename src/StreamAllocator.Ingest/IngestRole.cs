using StreamAllocator.Ingest.Calendar;
using StreamAllocator.Ingest.Inventory;
using StreamAllocator.Ingest.Requests;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest;

/// <summary>The part of the allocator that owns the outside topics.</summary>
public static class IngestRole
{
    public const string Group = "ingest";

    /// <param name="vmPartitions">Partitions of <c>vm-inputs</c>.</param>
    /// <param name="poolPartitions">Partitions of <c>pool-inputs</c> and of <c>telemetry</c>.</param>
    /// <param name="metrics">Fed with the verdicts on samples; null where nobody listens.</param>
    /// <param name="lagWindows">Windows after which predict leaves a source out, so that live none may lag so far; null where nobody waits for the clock.</param>
    public static Role Create(
        Topics topics, IngestOptions options, int vmPartitions, int poolPartitions, int? lagWindows = null, string? group = null,
        AllocatorMetrics? metrics = null) => new(
        group ?? topics.Group(Group),
        [topics.Telemetry, topics.Vms, topics.Hosts, topics.Offers, topics.Calendar, topics.Requests],
        partition => Task(partition, topics, options, vmPartitions, poolPartitions, metrics),
        FormattableString.Invariant($"ingest-2/{poolPartitions}/{options.Driven}/{options.Window.TotalSeconds}"))
        {
            First = [topics.Vms, topics.Hosts, topics.Offers, topics.Calendar],
            Pace = lagWindows is { } lag ? Pace(topics, options.Window, lag) : null,
        };

    private static PaceOptions Pace(Topics topics, TimeSpan window, int lag) => new()
    {
        Topic = topics.Telemetry,
        Ticks = new TopicPartition(topics.VmInputs, 0),
        Source = TickSource.Ingest,
        Window = window,
        LeadWindows = Math.Max(1, lag / 2),
        LagWindows = lag,
    };

    private static ITask Task(
        TopicPartition source, Topics topics, IngestOptions options, int vmPartitions, int poolPartitions, AllocatorMetrics? metrics)
    {
        if (source.Topic == topics.Telemetry)
            return new TelemetryIngestTask(topics, source.Partition, poolPartitions, vmPartitions, options, metrics);
        if (source.Topic == topics.Calendar)
            return new CalendarIngestTask(topics, vmPartitions, options);
        if (source.Topic == topics.Requests)
            return new RequestIngestTask(topics, poolPartitions, options);
        var kind = source.Topic == topics.Vms ? InventoryKind.Vms
            : source.Topic == topics.Hosts ? InventoryKind.Hosts
            : source.Topic == topics.Offers ? InventoryKind.Offers
            : throw new ArgumentException($"topic '{source.Topic}': ingest does not read it", nameof(source));
        return new InventoryIngestTask(topics, kind, vmPartitions, poolPartitions, options);
    }
}
