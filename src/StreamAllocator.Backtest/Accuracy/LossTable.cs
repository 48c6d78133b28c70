using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>Summed losses of a method (index 0) and its baselines (1 …) per VM and resource, so that a resample costs additions only.</summary>
internal sealed class LossTable
{
    private readonly double[,,] _loss;
    private readonly double[,,] _magnitude;

    public LossTable(AccuracyScorer method, IReadOnlyList<AccuracyScorer> baselines)
    {
        Scorers = [method, .. baselines];
        var vms = method.Actuals.Vms.Count;
        _loss = new double[Scorers.Length, vms, Resources.Count];
        _magnitude = new double[Scorers.Length, vms, Resources.Count];
        for (var scorer = 0; scorer < Scorers.Length; scorer++)
        {
            for (var vm = 0; vm < vms; vm++)
            {
                foreach (var resource in Resources.All)
                {
                    _loss[scorer, vm, (int)resource] = Scorers[scorer].Tally(vm, resource).TotalLoss;
                    _magnitude[scorer, vm, (int)resource] = Scorers[scorer].Tally(vm, resource).TotalMagnitude;
                }
            }
        }
    }

    public AccuracyScorer[] Scorers { get; }

    /// <summary>Loss of a scorer over the VMs, each as often as it occurs; NaN where all actuals are 0 or there is none.</summary>
    public double Loss(int scorer, Resource resource, ReadOnlySpan<int> vms)
    {
        var loss = 0.0;
        var magnitude = 0.0;
        foreach (var vm in vms)
        {
            loss += _loss[scorer, vm, (int)resource];
            magnitude += _magnitude[scorer, vm, (int)resource];
        }

        return magnitude > 0 ? loss / magnitude : double.NaN;
    }

    /// <summary>Index of the baseline with the lowest loss, the first of equals.</summary>
    public int BestBaseline(Resource resource, ReadOnlySpan<int> vms)
    {
        var best = 1;
        for (var scorer = 2; scorer < Scorers.Length; scorer++)
        {
            if (Loss(scorer, resource, vms) < Loss(best, resource, vms))
                best = scorer;
        }

        return best;
    }

    public double Ratio(Resource resource, ReadOnlySpan<int> vms) =>
        Loss(0, resource, vms) / Loss(BestBaseline(resource, vms), resource, vms);

    /// <summary>Mean of the ratios of the resources that have targets; NaN if none has.</summary>
    public double Score(ReadOnlySpan<int> vms)
    {
        var sum = 0.0;
        var count = 0;
        foreach (var resource in Resources.All)
        {
            var ratio = Ratio(resource, vms);
            if (double.IsNaN(ratio))
                continue;
            sum += ratio;
            count++;
        }

        return count > 0 ? sum / count : double.NaN;
    }

    /// <summary>The VMs but for the three with the largest summed loss of the resource's best baseline.</summary>
    public int[] WithoutTopThree(Resource resource, int[] vms)
    {
        var best = BestBaseline(resource, vms);
        var top = vms.OrderByDescending(vm => _loss[best, vm, (int)resource]).ThenBy(vm => vm).Take(3).ToArray();
        return [.. vms.Except(top)];
    }
}
