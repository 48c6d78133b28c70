using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Composition;

/// <summary>How far a run goes. What comes before a stage is part of it.</summary>
internal enum Stage
{
    /// <summary>Samples and ticks, routed; what was late or refused.</summary>
    Ingest,

    /// <summary>Closed windows.</summary>
    Features,

    /// <summary>Forecasts, their errors as the actuals come, and requests for refits.</summary>
    Forecasts,

    /// <summary>Decisions and commands. Deciding needs the read-backs, so the executors run too.</summary>
    Decisions,

    /// <summary>All of it.</summary>
    Allocations,
}

internal static class Stages
{
    /// <summary>The output topics that a run up to this stage has, in the order of the data's way.</summary>
    public static IReadOnlyList<string> Outputs(this Stage until, Topics topics) =>
    [
        .. until >= Stage.Features ? new[] { topics.Features } : [],
        .. until >= Stage.Forecasts ? new[] { topics.Forecasts, topics.ForecastErrors, topics.Retraining, topics.Models } : [],
        .. until >= Stage.Decisions ? new[] { topics.Decisions, topics.Commands } : [],
        .. until >= Stage.Allocations ? new[] { topics.Allocations } : [],
        topics.Late,
        topics.DeadLetter,
    ];
}
