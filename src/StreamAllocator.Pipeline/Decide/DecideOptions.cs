using StreamAllocator.Decisions;

namespace StreamAllocator.Pipeline.Decide;

public sealed record DecideOptions
{
    public DecisionOptions Decisions { get; init; } = new();

    /// <summary>A source that lags the others by more than this is left out, its VMs never shrunk, until it is back; null waits for ever.</summary>
    public TimeSpan? SourceLagLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A round is due when time enters another window of this size; at ticks between two rounds saturation alone is answered. Null makes every tick a round.
    /// </summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Written into every command of a replay, so that live executors refuse it; empty is live.</summary>
    public string RunId { get; init; } = "";

    public IEnumerable<string> Validate()
    {
        foreach (var violation in Decisions.Validate())
            yield return violation;
        if (SourceLagLimit <= TimeSpan.Zero)
            yield return $"source lag limit {SourceLagLimit}: expected more than 0";
    }
}
