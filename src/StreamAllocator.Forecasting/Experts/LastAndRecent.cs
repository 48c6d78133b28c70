using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Experts;

/// <summary><em>mix</em>: the quantile average of <em>last</em> and <em>recent</em>, the weight of <em>last</em> exp(−lead / 8 windows).</summary>
internal sealed class LastAndRecent : IExpert
{
    private const double DecayWindows = 8;

    private readonly float[] _weightOfLast = new float[Horizon.Leads + 1];
    private readonly LastValue _last = new();
    private readonly RecentValues _recent = new();

    public LastAndRecent()
    {
        for (var lead = 1; lead <= Horizon.Leads; lead++)
            _weightOfLast[lead] = (float)ExactMath.Exp(-lead / DecayWindows);
    }

    public string Name => "mix";

    /// <summary>None: it reads the state of the two, which the panel passes as one span.</summary>
    public int StateFloats => 0;

    /// <summary>The span a mix reads: the state of <em>last</em>, then that of <em>recent</em>.</summary>
    public int ReadFloats => _last.StateFloats + _recent.StateFloats;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        Span<float> recent = stackalloc float[QuantileLevels.DecileCount];
        _last.Quantiles(state[.._last.StateFloats], history, query, deciles);
        _recent.Quantiles(state[_last.StateFloats..], history, query, recent);
        var weight = _weightOfLast[query.Lead];
        for (var k = 0; k < deciles.Length; k++)
            deciles[k] = (weight * deciles[k]) + ((1 - weight) * recent[k]);
    }
}
