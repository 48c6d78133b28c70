using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting;

/// <summary>
/// Reusable buffers of one VM's forecast at one origin. Lead times are 1 … 12 windows; levels are <see cref="QuantileLevels.All"/>.
/// Quantiles are finite, at least 0, ascending, and not above the capacity where one is set.
/// </summary>
public sealed class VmForecast(int experts)
{
    private readonly float[] _quantiles = new float[Resources.Count * Horizon.Leads * QuantileLevels.Count];
    private readonly float[] _mean = new float[Resources.Count * Horizon.Leads];
    private readonly float[] _standardDeviation = new float[Resources.Count * Horizon.Leads];
    private readonly float[] _dwellMaximum = new float[Resources.Count * DwellHorizons.Count * QuantileLevels.Count];
    private readonly float[] _weights = new float[Resources.Count * Horizon.Leads * experts];
    private readonly int[] _best = new int[Resources.Count];
    private readonly int[] _dataAge = new int[Resources.Count];
    private readonly bool[] _known = new bool[Resources.Count];

    /// <summary>The newest window the forecast has seen; lead time h is for the window h later.</summary>
    public long OriginWindow { get; internal set; }

    /// <summary>False until the resource has had its first value: there is nothing to forecast from and every number is 0.</summary>
    public bool IsKnown(Resource resource) => _known[(int)resource];

    /// <summary>13 quantiles of the window mean, lead 1 … 12.</summary>
    public Span<float> Quantiles(Resource resource, int lead) =>
        _quantiles.AsSpan((((int)resource * Horizon.Leads) + lead - 1) * QuantileLevels.Count, QuantileLevels.Count);

    /// <summary>All lead times: 12 × 13, row by row.</summary>
    public Span<float> Quantiles(Resource resource) =>
        _quantiles.AsSpan((int)resource * Horizon.Leads * QuantileLevels.Count, Horizon.Leads * QuantileLevels.Count);

    /// <summary>12 means, derived from the quantiles.</summary>
    public Span<float> Mean(Resource resource) => _mean.AsSpan((int)resource * Horizon.Leads, Horizon.Leads);

    /// <summary>12 standard deviations, derived from the quantiles.</summary>
    public Span<float> StandardDeviation(Resource resource) => _standardDeviation.AsSpan((int)resource * Horizon.Leads, Horizon.Leads);

    /// <summary>13 quantiles of the largest peak over the next <see cref="DwellHorizons.Windows"/> windows.</summary>
    public Span<float> DwellMaximum(Resource resource, int horizon) =>
        _dwellMaximum.AsSpan((((int)resource * DwellHorizons.Count) + horizon) * QuantileLevels.Count, QuantileLevels.Count);

    /// <summary>Weight of each expert (in the order of <see cref="ForecastEngine.ExpertNames"/>) at one lead; they sum to 1.</summary>
    public Span<float> Weights(Resource resource, int lead) =>
        _weights.AsSpan((((int)resource * Horizon.Leads) + lead - 1) * experts, experts);

    /// <summary>Index of the single expert with the smallest loss over the lead times.</summary>
    public int Best(Resource resource) => _best[(int)resource];

    /// <summary>Windows since the newest known value; 0 is fresh.</summary>
    public int DataAgeWindows(Resource resource) => _dataAge[(int)resource];

    internal void SetState(Resource resource, bool known, int best, int dataAge)
    {
        _known[(int)resource] = known;
        _best[(int)resource] = best;
        _dataAge[(int)resource] = dataAge;
    }
}

/// <summary>Spans over which the largest peak is forecast: what is near, to act on, and the hour, to size on.</summary>
public static class DwellHorizons
{
    public const int Count = 2;

    public const int Near = 0;

    public const int Hour = 1;

    private static readonly int[] Lengths = [3, Horizon.Leads];

    /// <summary>Length of each horizon in windows.</summary>
    public static ReadOnlySpan<int> Windows => Lengths;
}
