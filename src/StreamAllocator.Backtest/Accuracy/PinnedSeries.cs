using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>
/// The pinned baselines of one series of window means, running: at each origin they know the windows up to it and no more. Rules:
/// residuals are those of the last 2,016 known targets of the lead time whose point was known, fewer than 12 give the point alone; a day
/// before the target missing gives the newest known value; none of the last 48 known, the same; quantiles below 0 are 0. Not O(1): exact
/// windows of 2,016 residuals × 12 lead times × 2 points, 390 KB. State: touched by one thread.
/// </summary>
public sealed class PinnedSeries
{
    private const int ResidualCapacity = 2016;
    private const int FewestResiduals = 12;
    private const int WindowsPerDay = 288;
    private const int RecentWindows = 48;
    private const double MixHorizon = 8;

    private static readonly double[] WeightOfLast = [.. Enumerable.Range(1, Horizon.Leads).Select(lead => ExactMath.Exp(-lead / MixHorizon))];

    private readonly ReadOnlyMemory<float> _values;
    private readonly float[] _newest;
    private readonly ResidualWindow[] _lastResiduals = NewResiduals();
    private readonly ResidualWindow[] _dayResiduals = NewResiduals();
    private readonly SortedFloats _recent = new(RecentWindows);
    private readonly float[] _recentDeciles = new float[QuantileLevels.DecileCount];
    private int _recentOrigin = -1;

    /// <param name="values">One mean a window in the resource's unit, NaN where it is missing.</param>
    public PinnedSeries(ReadOnlyMemory<float> values)
    {
        _values = values;
        _newest = new float[values.Length];
        var newest = float.NaN;
        for (var window = 0; window < _newest.Length; window++)
            _newest[window] = newest = float.IsNaN(values.Span[window]) ? newest : values.Span[window];
    }

    /// <summary>Index of the newest window that is known; −1 before the first.</summary>
    public int Origin { get; private set; } = -1;

    /// <summary>False until the series has its first value: there is nothing to forecast from.</summary>
    public bool HasValue => Origin >= 0 && !float.IsNaN(_newest[Origin]);

    /// <summary>Makes the next window known.</summary>
    public void Advance()
    {
        Origin++;
        var value = _values.Span[Origin];
        if (Origin >= RecentWindows && !float.IsNaN(_values.Span[Origin - RecentWindows]))
            _recent.Remove(_values.Span[Origin - RecentWindows]);
        if (float.IsNaN(value))
            return;
        _recent.Add(value);
        for (var lead = 1; lead <= Math.Min(Horizon.Leads, Origin); lead++)
        {
            var newest = _newest[Origin - lead];
            if (float.IsNaN(newest))
                continue;
            _lastResiduals[lead - 1].Add(value - newest);
            _dayResiduals[lead - 1].Add(value - DayPoint(Origin - lead, lead));
        }
    }

    /// <summary>Writes all four baselines' deciles at the origin: rows in the order of <see cref="PinnedBaselines.All"/>, nine each.</summary>
    /// <param name="lead">1 to 12 windows.</param>
    public void Forecast(int lead, Span<float> deciles)
    {
        const int count = QuantileLevels.DecileCount;
        if (!HasValue)
            throw new InvalidOperationException("a forecast before the first value of the series");
        var last = deciles[..count];
        var recent = deciles.Slice(2 * count, count);
        var mix = deciles.Slice(3 * count, count);
        FromResiduals(_newest[Origin], _lastResiduals[lead - 1], last);
        FromResiduals(DayPoint(Origin, lead), _dayResiduals[lead - 1], deciles.Slice(count, count));
        FromRecent(recent);
        var weight = WeightOfLast[lead - 1];
        for (var level = 0; level < count; level++)
            mix[level] = (float)(weight * last[level] + (1 - weight) * recent[level]);
    }

    private float DayPoint(int origin, int lead)
    {
        var dayBefore = origin + lead - WindowsPerDay;
        return dayBefore >= 0 && !float.IsNaN(_values.Span[dayBefore]) ? _values.Span[dayBefore] : _newest[origin];
    }

    private void FromRecent(Span<float> deciles)
    {
        if (_recentOrigin != Origin)
        {
            _recentOrigin = Origin;
            for (var level = 0; level < deciles.Length; level++)
                _recentDeciles[level] = _recent.Count == 0 ? _newest[Origin] : _recent.Quantile(QuantileLevels.All[level]);
        }

        _recentDeciles.CopyTo(deciles);
    }

    private static void FromResiduals(float point, ResidualWindow residuals, Span<float> deciles)
    {
        if (residuals.Count < FewestResiduals)
        {
            deciles.Fill(point);
            return;
        }

        var sorted = residuals.Sorted;
        for (var level = 0; level < deciles.Length; level++)
            deciles[level] = Math.Max(0, point + sorted.Quantile(QuantileLevels.All[level]));
    }

    private static ResidualWindow[] NewResiduals() => [.. Enumerable.Range(0, Horizon.Leads).Select(_ => new ResidualWindow(ResidualCapacity))];
}
