using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Scoring;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>The experts of every series, in the order of their weights, and where each keeps its state. The mix comes last.</summary>
internal sealed class ExpertPanel
{
    private const int Last = 0;
    private const int Recent = 1;
    private const int Deciles = QuantileLevels.DecileCount;

    private readonly IExpert[] _experts;
    private readonly int[] _offsets;
    private readonly LastAndRecent _mix = new();

    public ExpertPanel(int windowsPerDay)
    {
        _experts =
        [
            new LastValue(), new RecentValues(), new PeriodBefore("day", windowsPerDay), new PeriodBefore("hour", Horizon.Leads),
            new RankedLastValue(), new ExponentialSmoothing(windowsPerDay), new DecayedHistogram(),
        ];
        _offsets = new int[_experts.Length];
        for (var e = 0; e < _experts.Length; e++)
        {
            _offsets[e] = StateFloats;
            StateFloats += _experts[e].StateFloats;
        }

        Names = [.. Array.ConvertAll(_experts, expert => expert.Name), "mix"];
    }

    public int Count => _experts.Length + 1;

    public string[] Names { get; }

    public int StateFloats { get; }

    /// <summary>Experts 0, 1 and 2 are the pinned baselines last, recent and day, which the guard falls back on.</summary>
    public const int Baselines = 3;

    /// <summary>Name and floats of each part of the state.</summary>
    public IEnumerable<(string Name, int Floats)> Parts()
    {
        foreach (var expert in _experts)
            yield return (expert.Name, expert.StateFloats);
    }

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        for (var e = 0; e < _experts.Length; e++)
            _experts[e].Observe(state.Slice(_offsets[e], _experts[e].StateFloats), history, label);
    }

    /// <summary>Nine ascending deciles of every expert, none below 0: <see cref="Count"/> × 9.</summary>
    public void All(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        for (var e = 0; e < _experts.Length; e++)
            One(e, state, history, query, deciles.Slice(e * Deciles, Deciles));
        _mix.Combine(
            deciles.Slice(Last * Deciles, Deciles), deciles.Slice(Recent * Deciles, Deciles), query.Lead, deciles.Slice(_experts.Length * Deciles, Deciles));
    }

    /// <summary>The quantile average of the experts with these weights; one that weighs nothing is not asked.</summary>
    public void Average(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, ReadOnlySpan<float> weights, Span<float> served)
    {
        Span<float> deciles = stackalloc float[Deciles];
        served.Clear();
        var mix = weights[_experts.Length];
        for (var e = 0; e < _experts.Length; e++)
        {
            var weight = weights[e] + (e switch
            {
                Last => mix * _mix.ShareOfLast(query.Lead),
                Recent => mix * (1 - _mix.ShareOfLast(query.Lead)),
                _ => 0,
            });
            if (weight == 0)
                continue;
            One(e, state, history, query, deciles);
            for (var k = 0; k < deciles.Length; k++)
                served[k] += weight * deciles[k];
        }
    }

    /// <summary>Loss of the quantile average of what <see cref="All"/> gave.</summary>
    public static float AverageLoss(ReadOnlySpan<float> all, ReadOnlySpan<float> weights, float actual, bool censored)
    {
        Span<float> average = stackalloc float[Deciles];
        average.Clear();
        for (var e = 0; e < weights.Length; e++)
        {
            if (weights[e] == 0)
                continue;
            var deciles = all.Slice(e * Deciles, Deciles);
            for (var k = 0; k < average.Length; k++)
                average[k] += weights[e] * deciles[k];
        }

        return Pinball.Loss(average, actual, censored);
    }

    private void One(int expert, ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        _experts[expert].Quantiles(state.Slice(_offsets[expert], _experts[expert].StateFloats), history, query, deciles);
        var floor = 0f;
        for (var k = 0; k < deciles.Length; k++)
        {
            floor = Math.Max(floor, deciles[k]);
            deciles[k] = floor;
        }
    }
}
