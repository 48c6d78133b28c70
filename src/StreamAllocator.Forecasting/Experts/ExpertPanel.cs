using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>The experts of every series, in the order of their names, and where each keeps its state.</summary>
internal sealed class ExpertPanel
{
    private readonly IExpert[] _experts;
    private readonly int[] _offsets;
    private readonly int[] _lengths;

    public ExpertPanel()
    {
        var mix = new LastAndRecent();
        _experts = [new LastValue(), new RecentValues(), mix, new SameTimeYesterday()];
        _offsets = new int[_experts.Length];
        _lengths = new int[_experts.Length];
        for (var e = 0; e < _experts.Length; e++)
        {
            _offsets[e] = StateFloats;
            _lengths[e] = _experts[e].StateFloats;
            StateFloats += _experts[e].StateFloats;
        }

        // The mix reads what the two before it keep.
        var place = Array.IndexOf(_experts, mix);
        _offsets[place] = 0;
        _lengths[place] = mix.ReadFloats;
        Names = Array.ConvertAll(_experts, expert => expert.Name);
    }

    public int Count => _experts.Length;

    public string[] Names { get; }

    public int StateFloats { get; }

    public int StateFloatsOf(int expert) => _experts[expert].StateFloats;

    /// <summary>The pinned baselines among them, which the guard falls back on.</summary>
    public static bool IsBaseline(string name) => name is "last" or "day" or "recent";

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        for (var e = 0; e < _experts.Length; e++)
            _experts[e].Observe(state.Slice(_offsets[e], _lengths[e]), history, label);
    }

    /// <summary>Nine ascending deciles of one expert, none below 0.</summary>
    public void Quantiles(int expert, ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        _experts[expert].Quantiles(state.Slice(_offsets[expert], _lengths[expert]), history, query, deciles);
        var floor = 0f;
        for (var k = 0; k < QuantileLevels.DecileCount; k++)
        {
            floor = Math.Max(floor, deciles[k]);
            deciles[k] = floor;
        }
    }
}
