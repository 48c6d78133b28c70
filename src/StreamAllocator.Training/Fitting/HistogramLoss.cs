using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Scoring;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Training.Fitting;

/// <summary>Pinball loss of the expert <em>histogram</em>'s deciles, six windows ahead, by its own fold.</summary>
internal sealed class HistogramLoss
{
    private const int Lead = 6;
    private const float Ln2 = 0.6931472f;

    private readonly float[] _deciles = new float[QuantileLevels.DecileCount];
    private readonly float[] _served = new float[Lead * QuantileLevels.DecileCount];

    /// <summary>Folds the whole series, and adds the loss of the targets from index <paramref name="from"/> on.</summary>
    public void Add(ReadOnlySpan<float> values, int from, float halfLifeWindows, ref LossSum sum)
    {
        _served.AsSpan().Fill(float.NaN);
        var count = 0;
        for (var window = 0; window < values.Length; window++)
        {
            var served = _served.AsSpan(window % Lead * QuantileLevels.DecileCount, QuantileLevels.DecileCount);
            var value = Math.Abs(values[window]);
            var censored = float.IsNegative(values[window]);
            if (!float.IsNaN(value))
            {
                if (window >= from && !float.IsNaN(served[0]))
                {
                    sum.Loss += Pinball.Loss(served, value, censored);
                    sum.Usage += value;
                }

                if (count == 0)
                    _deciles.AsSpan().Fill(value);
                else
                    QuantileTracker.Update(_deciles, Levels.Deciles, value, Math.Max(1f / (count + 1), Ln2 / halfLifeWindows), censored);
                count++;
            }

            if (count > 0)
                _deciles.CopyTo(served);
        }
    }
}
