using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// <em>mix</em>: the quantile average of <em>last</em> and <em>recent</em>, the weight of <em>last</em> exp(−lead / 8 windows). It has no
/// state, and since serving averages quantiles too, its weight is served as weight of the two.
/// </summary>
internal sealed class LastAndRecent
{
    private const double DecayWindows = 8;

    private readonly float[] _shareOfLast = new float[Horizon.Leads + 1];

    public LastAndRecent()
    {
        for (var lead = 1; lead <= Horizon.Leads; lead++)
            _shareOfLast[lead] = (float)ExactMath.Exp(-lead / DecayWindows);
    }

    public float ShareOfLast(int lead) => _shareOfLast[lead];

    public void Combine(ReadOnlySpan<float> last, ReadOnlySpan<float> recent, int lead, Span<float> deciles)
    {
        var share = _shareOfLast[lead];
        for (var k = 0; k < deciles.Length; k++)
            deciles[k] = recent[k] + ((last[k] - recent[k]) * share);
    }
}
