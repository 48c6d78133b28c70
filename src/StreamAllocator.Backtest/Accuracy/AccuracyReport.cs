using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>How well one method forecast, beside the pinned baselines on the same targets.</summary>
public sealed record AccuracyReport(string Method, AccuracyGroup All, AccuracyGroup Seen, AccuracyGroup HeldOut)
{
    /// <param name="baselines">At least one, over the same actuals and span.</param>
    /// <param name="seed">Of the bootstrap's resamples.</param>
    public static AccuracyReport Of(AccuracyScorer method, IReadOnlyList<AccuracyScorer> baselines, ulong seed = 1)
    {
        var vms = Enumerable.Range(0, method.Actuals.Vms.Count).ToArray();
        var heldOut = HeldOutVms.Of(method.Actuals.Vms);
        var losses = new LossTable(method, baselines);
        return new AccuracyReport(
            method.Method,
            GroupMeasure.Of(losses, vms, seed),
            GroupMeasure.Of(losses, [.. vms.Except(heldOut)], seed),
            GroupMeasure.Of(losses, heldOut, seed));
    }
}

/// <summary>The figures of one group of VMs; NaN where it has no target.</summary>
/// <param name="Score">Mean over the resources of loss / loss of the best pinned baseline on that resource, chosen in hindsight.</param>
/// <param name="ScoreLow">2.5 % of a bootstrap over VMs (never over samples); <paramref name="ScoreHigh"/> is its 97.5 %.</param>
/// <param name="ScoreWithoutTopThree">Without the three VMs with the largest loss of the best baseline, per resource.</param>
public sealed record AccuracyGroup(
    int Vms, double Score, double ScoreLow, double ScoreHigh, double ScoreWithoutTopThree, IReadOnlyList<ResourceAccuracy> Resources);

/// <summary>The figures of one resource within a group.</summary>
/// <param name="Loss">Mean over the deciles of Σ pinball loss / Σ|actual|.</param>
/// <param name="LossByLead">The same for lead times 1 to 12.</param>
/// <param name="BaselineLosses">Of each pinned baseline, by name.</param>
/// <param name="Ratio"><paramref name="Loss"/> / the best baseline's.</param>
/// <param name="MedianSeriesRatio">Median over VMs of loss / the best baseline's loss on that VM.</param>
/// <param name="ShareAbove110">Share of VMs whose ratio is above 1.10.</param>
/// <param name="Coverage80">Share of targets between the 0.1 and 0.9 quantiles, ties spread (randomised PIT).</param>
/// <param name="AboveHighest">Share of targets above the 0.9 quantile.</param>
/// <param name="Pit">Share of targets per tenth of the PIT: 0.1 each where the quantiles are calibrated.</param>
/// <param name="Missing">Targets that the best baseline forecast and the method did not.</param>
public sealed record ResourceAccuracy(
    Resource Resource,
    double Loss,
    IReadOnlyList<double> LossByLead,
    IReadOnlyDictionary<string, double> BaselineLosses,
    string BestBaseline,
    double Ratio,
    double RatioWithoutTopThree,
    double MedianSeriesRatio,
    double ShareAbove110,
    double Coverage80,
    double AboveHighest,
    IReadOnlyList<double> Pit,
    long Forecasts,
    long Missing);
