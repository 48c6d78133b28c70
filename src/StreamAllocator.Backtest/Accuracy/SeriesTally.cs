using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>Running sums of one method on one VM and resource, or of several together. State: touched by one thread.</summary>
public sealed class SeriesTally
{
    /// <summary>Equal bins of the probability integral transform, as many as the nine deciles bound.</summary>
    public const int PitBins = QuantileLevels.DecileCount + 1;

    private readonly double[] _loss = new double[Horizon.Leads];
    private readonly double[] _magnitude = new double[Horizon.Leads];
    private readonly long[] _pit = new long[PitBins];

    /// <summary>Σ over targets of the mean pinball loss of the nine deciles, per lead time, in the resource's unit.</summary>
    public ReadOnlySpan<double> Loss => _loss;

    /// <summary>Σ|actual| per lead time.</summary>
    public ReadOnlySpan<double> Magnitude => _magnitude;

    /// <summary>Targets per tenth of the randomised probability integral transform; even where the quantiles are calibrated.</summary>
    public ReadOnlySpan<long> Pit => _pit;

    public long Count { get; private set; }

    /// <summary>Targets above the forecast's 0.9 quantile.</summary>
    public long AboveHighest { get; private set; }

    public double TotalLoss => Sum(_loss);

    public double TotalMagnitude => Sum(_magnitude);

    /// <summary>Loss per unit of demand: comparable between series; NaN where all actuals are 0.</summary>
    public double RelativeLoss => TotalMagnitude > 0 ? TotalLoss / TotalMagnitude : double.NaN;

    /// <param name="uniform">A draw in [0, 1) that spreads ties over the interval of probability they stand for.</param>
    internal void Add(int lead, float actual, ReadOnlySpan<float> deciles, double uniform)
    {
        var loss = 0.0;
        var below = 0;
        var notAbove = 0;
        for (var level = 0; level < QuantileLevels.DecileCount; level++)
        {
            var error = (double)actual - deciles[level];
            loss += error > 0 ? error * QuantileLevels.All[level] : -error * (1 - QuantileLevels.All[level]);
            below += error > 0 ? 1 : 0;
            notAbove += error >= 0 ? 1 : 0;
        }

        _loss[lead - 1] += 2 * loss / QuantileLevels.DecileCount;
        _magnitude[lead - 1] += Math.Abs(actual);
        _pit[Math.Min(PitBins - 1, (int)(below + uniform * (notAbove + 1 - below)))]++;
        AboveHighest += actual > deciles[^1] ? 1 : 0;
        Count++;
    }

    internal void Add(SeriesTally other)
    {
        for (var lead = 0; lead < Horizon.Leads; lead++)
        {
            _loss[lead] += other._loss[lead];
            _magnitude[lead] += other._magnitude[lead];
        }

        for (var bin = 0; bin < PitBins; bin++)
            _pit[bin] += other._pit[bin];
        Count += other.Count;
        AboveHighest += other.AboveHighest;
    }

    private static double Sum(double[] values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum;
    }
}
