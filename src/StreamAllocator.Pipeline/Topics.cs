using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline;

/// <summary>The names of the topics behind one prefix (a replay's prefix is its own), and how each is kept.</summary>
public sealed class Topics(string prefix = Topics.DefaultPrefix)
{
    public const string DefaultPrefix = "streamallocator.";

    public string Prefix { get; } = prefix;

    public string Telemetry { get; } = prefix + "telemetry";

    public string Vms { get; } = prefix + "vms";

    public string Hosts { get; } = prefix + "hosts";

    public string Offers { get; } = prefix + "offers";

    public string Calendar { get; } = prefix + "calendar";

    public string Requests { get; } = prefix + "requests";

    public string VmInputs { get; } = prefix + "vm-inputs";

    public string PoolInputs { get; } = prefix + "pool-inputs";

    public string Features { get; } = prefix + "features";

    public string Forecasts { get; } = prefix + "forecasts";

    public string ForecastErrors { get; } = prefix + "forecast-errors";

    public string Retraining { get; } = prefix + "retraining";

    public string Models { get; } = prefix + "models";

    public string Decisions { get; } = prefix + "decisions";

    public string Commands { get; } = prefix + "commands";

    public string Allocations { get; } = prefix + "allocations";

    public string Late { get; } = prefix + "late";

    public string DeadLetter { get; } = prefix + "dead-letter";

    /// <summary>State of tasks, where no file stands beside the log.</summary>
    public string Snapshots { get; } = prefix + "snapshots";

    /// <summary>How <see cref="VmInputs"/> came to have the partitions that it has.</summary>
    public string Lineage { get; } = prefix + "lineage";

    /// <summary>Name of a role's consumer group and of its transactional ids. Those of a run are its own, as its topics are.</summary>
    public string Group(string role) => Prefix == DefaultPrefix ? role : Prefix + role;

    public static string ForRun(string runId) => $"{DefaultPrefix}run-{runId}.";

    /// <param name="vmPartitions">Partitions of <c>vm-inputs</c>: the scale of predict.</param>
    /// <param name="poolPartitions">Partitions of <c>pool-inputs</c>, <c>commands</c> and <c>telemetry</c>: the scale of ingest, decide, execute.</param>
    /// <param name="outputPartitions">Partitions of all else that is keyed by VM; null is as many as of <c>vm-inputs</c>, as it is until those are raised.</param>
    /// <param name="keepAll">Without retention or compaction: a run whose records have the times of long ago, all of which count.</param>
    public IReadOnlyList<TopicSpec> All(int vmPartitions, int poolPartitions, int? outputPartitions = null, bool keepAll = false)
    {
        var kept = Kept(vmPartitions, poolPartitions, outputPartitions ?? vmPartitions);
        return keepAll ? [.. kept.Select(spec => spec.Name == Snapshots ? spec : spec with { CleanUp = CleanUp.Delete, Retention = null })] : kept;
    }

    private TopicSpec[] Kept(int vmPartitions, int poolPartitions, int outputPartitions) =>
    [
        new(Telemetry, poolPartitions, CleanUp.Delete, TimeSpan.FromDays(7)),
        new(Vms, 1, CleanUp.Compact),
        new(Hosts, 1, CleanUp.Compact),
        new(Offers, 1, CleanUp.Compact),
        new(Calendar, 1, CleanUp.Compact),
        new(Requests, 1, CleanUp.Delete, TimeSpan.FromDays(30)),
        new(VmInputs, vmPartitions, CleanUp.Delete, TimeSpan.FromDays(60)),
        new(PoolInputs, poolPartitions, CleanUp.Delete, TimeSpan.FromDays(14)),
        new(Features, outputPartitions, CleanUp.Delete, TimeSpan.FromDays(400)),
        new(Forecasts, outputPartitions, CleanUp.Delete, TimeSpan.FromDays(2)),
        new(ForecastErrors, outputPartitions, CleanUp.Delete, TimeSpan.FromDays(30)),
        new(Retraining, 1, CleanUp.Delete, TimeSpan.FromDays(90)),
        new(Models, 1, CleanUp.Compact),
        new(Decisions, outputPartitions, CleanUp.Delete, TimeSpan.FromDays(90)),
        new(Commands, poolPartitions, CleanUp.Delete, TimeSpan.FromDays(30)),
        new(Allocations, outputPartitions, CleanUp.Compact | CleanUp.Delete, TimeSpan.FromDays(90)),
        new(Late, 1, CleanUp.Delete, TimeSpan.FromDays(30)),
        new(DeadLetter, 1, CleanUp.Delete, TimeSpan.FromDays(30)),
        new(Snapshots, outputPartitions, CleanUp.Compact),
        new(Lineage, 1, CleanUp.Compact),
    ];
}
