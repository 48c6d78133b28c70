using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>From tallies to the figures of one group of VMs.</summary>
internal static class GroupMeasure
{
    private const int Resamples = 1000;
    private const double HarmedAbove = 1.10;

    public static AccuracyGroup Of(LossTable losses, int[] vms, ulong seed)
    {
        var resources = Resources.All
            .Where(resource => vms.Any(vm => losses.Scorers[0].Tally(vm, resource).Count > 0))
            .Select(resource => OfResource(losses, resource, vms)).ToArray();
        var withoutTop = resources.Select(resource => resource.RatioWithoutTopThree).Where(double.IsFinite).ToArray();
        var (low, high) = Interval(losses, vms, seed);
        return new AccuracyGroup(
            vms.Length, losses.Score(vms), low, high, withoutTop.Length > 0 ? withoutTop.Average() : double.NaN, resources);
    }

    private static ResourceAccuracy OfResource(LossTable losses, Resource resource, int[] vms)
    {
        var best = losses.BestBaseline(resource, vms);
        var method = Sum(losses.Scorers[0], resource, vms);
        var baseline = Sum(losses.Scorers[best], resource, vms);
        var ratios = vms.Select(vm => SeriesRatio(losses.Scorers[0].Tally(vm, resource), losses.Scorers[best].Tally(vm, resource)))
            .Where(ratio => !double.IsNaN(ratio)).Order().ToArray();
        return new ResourceAccuracy(
            resource,
            method.RelativeLoss,
            [.. Enumerable.Range(0, Horizon.Leads).Select(lead => method.Loss[lead] / method.Magnitude[lead])],
            Enumerable.Range(1, losses.Scorers.Length - 1).ToDictionary(
                scorer => losses.Scorers[scorer].Method, scorer => losses.Loss(scorer, resource, vms)),
            losses.Scorers[best].Method,
            losses.Ratio(resource, vms),
            losses.Ratio(resource, losses.WithoutTopThree(resource, vms)),
            Median(ratios),
            ratios.Length > 0 ? (double)ratios.Count(ratio => ratio > HarmedAbove) / ratios.Length : double.NaN,
            1 - (double)(method.Pit[0] + method.Pit[^1]) / method.Count,
            (double)method.AboveHighest / method.Count,
            [.. method.Pit.ToArray().Select(count => (double)count / method.Count)],
            method.Count,
            baseline.Count - method.Count);
    }

    private static SeriesTally Sum(AccuracyScorer scorer, Resource resource, int[] vms)
    {
        var sum = new SeriesTally();
        foreach (var vm in vms)
            sum.Add(scorer.Tally(vm, resource));
        return sum;
    }

    /// <summary>Loss per target against the baseline's; a series that neither misses is 1, one without targets NaN.</summary>
    private static double SeriesRatio(SeriesTally method, SeriesTally baseline)
    {
        if (method.Count == 0 || baseline.Count == 0)
            return double.NaN;
        var loss = method.TotalLoss / method.Count;
        var reference = baseline.TotalLoss / baseline.Count;
        return loss == reference ? 1 : loss / reference;
    }

    private static double Median(double[] sorted) => sorted.Length == 0
        ? double.NaN
        : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private static (double Low, double High) Interval(LossTable losses, int[] vms, ulong seed)
    {
        if (vms.Length == 0)
            return (double.NaN, double.NaN);
        var random = SeededRandom.For(seed, "bootstrap over VMs");
        var resample = new int[vms.Length];
        var scores = new double[Resamples];
        for (var sample = 0; sample < Resamples; sample++)
        {
            for (var draw = 0; draw < resample.Length; draw++)
                resample[draw] = vms[random.NextInt32(vms.Length)];
            scores[sample] = losses.Score(resample);
        }

        Array.Sort(scores);
        return (scores[(int)(0.025 * Resamples)], scores[(int)(0.975 * Resamples)]);
    }
}
