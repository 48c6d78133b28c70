using StreamAllocator.Ingest;
using StreamAllocator.Pipeline.Decide;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Training;

namespace StreamAllocator.Cli.Composition;

/// <summary>Everything that a running allocator can be told.</summary>
internal sealed record AllocatorOptions
{
    private readonly int? _vmOutputPartitions;

    /// <summary>Partitions of what is keyed by VM, where the topics are still to be created: those that exist say it themselves.</summary>
    public int VmPartitions { get; init; } = 2;

    /// <summary>Partitions of what is keyed by VM but <c>vm-inputs</c>: as many, unless those were raised.</summary>
    public int VmOutputPartitions
    {
        get => _vmOutputPartitions ?? VmPartitions;
        init => _vmOutputPartitions = value;
    }

    /// <summary>Partitions of what is keyed by pool, and of telemetry, where the topics are still to be created.</summary>
    public int PoolPartitions { get; init; } = 2;

    public IngestOptions Ingest { get; init; } = new();

    public PredictOptions Predict { get; init; } = new();

    public DecideOptions Decide { get; init; } = new();

    /// <summary>A trainer answers requests for a refit, and predict waits for its ticks. It needs a log that keeps features.</summary>
    public bool Train { get; init; }

    public TrainOptions Training { get; init; } = new();

    /// <summary>A replay or a demo: time comes with the telemetry, and no source ever dies, so each is waited for.</summary>
    public static AllocatorOptions Driven(string runId) => new()
    {
        Ingest = IngestOptions.ForDriven,
        Predict = new PredictOptions { SourceLagWindows = null },
        Decide = new DecideOptions { SourceLagLimit = null, RunId = runId },
        Training = new TrainOptions { SourceLagLimit = null },
    };

    /// <summary>
    /// Told once, followed everywhere: the window size is that of predict's windows, the trainer judges by predict's forecasts, and whether
    /// there is a trainer is said here.
    /// </summary>
    public AllocatorOptions Resolved()
    {
        var window = Predict.Windows.Size;
        var forecast = Predict.Forecast with { WindowsPerDay = (int)(TimeSpan.FromDays(1) / window) };
        return this with
        {
            Ingest = Ingest with { Window = window },
            Predict = Predict with { ExpectTrainer = Train, Forecast = forecast },
            Decide = Decide with { Window = window },
            Training = Training with { Window = window, Forecast = forecast },
        };
    }

    public IEnumerable<string> Validate()
    {
        // A window size that is none is told once, not by all that follow it.
        var windows = Predict.Windows.Validate().ToList();
        return windows.Count > 0 ? windows : Resolved().Violations();
    }

    private IEnumerable<string> Violations()
    {
        if (VmPartitions < 1)
            yield return $"vm partitions {VmPartitions}: expected 1 or more";
        if (PoolPartitions < 1)
            yield return $"pool partitions {PoolPartitions}: expected 1 or more";
        foreach (var violation in Ingest.Validate().Concat(Predict.Validate()).Concat(Decide.Validate()).Concat(Training.Validate()))
            yield return violation;
    }
}
