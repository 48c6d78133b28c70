using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// <em>histogram</em>: climatology, the decayed distribution of the values themselves, whatever the lead time. It is kept by its deciles,
/// tracked with the half-life of the VM's class, and not by bins: nine floats, and no range to choose.
/// </summary>
internal sealed class DecayedHistogram : IExpert
{
    private const float Ln2 = 0.6931472f;

    public string Name => "histogram";

    public int StateFloats => QuantileLevels.DecileCount;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        if (label.Count == 0)
            state.Fill(label.Value);
        else
            QuantileTracker.Update(
                state, Levels.Deciles, label.Value, Math.Max(1f / (label.Count + 1), Ln2 / label.Parameters.HalfLifeWindows), label.Censored);
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles) => state.CopyTo(deciles);
}
