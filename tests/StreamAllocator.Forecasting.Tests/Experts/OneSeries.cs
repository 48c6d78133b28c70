using StreamAllocator.Domain;

using StreamAllocator.Forecasting.Experts;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Tests.Experts;

/// <summary>Feeds one expert with one series as the fold does: the history holds what came before the label.</summary>
internal sealed class OneSeries(IExpert expert)
{
    private const int Day = 288;

    private readonly float[] _state = new float[expert.StateFloats];
    private readonly ushort[] _ring = new ushort[Day];
    private float _last;

    public SmoothingParameters Parameters { get; init; } = SmoothingParameters.Default;

    public int Count { get; private set; }

    public void Add(params ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (Count == 0)
                _ring.AsSpan().Fill(Float16.Encode(value));
            var history = new SeriesHistory(_ring, (Count + Day - 1) % Day, _last);
            expert.Observe(_state, history, new Label(Count, value, false, Count, Parameters));
            _ring[Count % Day] = Float16.Encode(value);
            _last = value;
            Count++;
        }
    }

    /// <summary>The deciles at the newest window.</summary>
    public float[] Deciles(int lead) => Deciles(lead, 0);

    /// <summary>The deciles as they are judged for an origin <paramref name="back"/> windows ago.</summary>
    public float[] Deciles(int lead, int back)
    {
        var deciles = new float[9];
        var history = new SeriesHistory(_ring, (Count + Day - 1) % Day, _last);
        expert.Quantiles(_state, history, new Query(Count - 1 - back, back, lead), deciles);
        return deciles;
    }
}
