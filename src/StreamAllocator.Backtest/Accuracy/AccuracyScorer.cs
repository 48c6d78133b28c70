using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>
/// Scores the forecasts of one method against what came true, in any order. A forecast whose actual is missing, or whose origin is
/// outside the span, does not count. State: touched by one thread.
/// </summary>
/// <param name="method">Its name in tables.</param>
/// <param name="seed">Of the draws that spread ties in the probability integral transform; keyed by series, origin and lead time.</param>
public sealed class AccuracyScorer(string method, WindowTable actuals, OriginSpan span, ulong seed = 1)
{
    private readonly SeriesTally[] _tallies = [.. Enumerable.Range(0, actuals.Vms.Count * Resources.Count).Select(_ => new SeriesTally())];

    public string Method => method;

    public WindowTable Actuals => actuals;

    public OriginSpan Span => span;

    public SeriesTally Tally(int vm, Resource resource) => _tallies[Index(vm, resource)];

    /// <summary>Adds one forecast; false if it does not count.</summary>
    /// <param name="vm">Index in the names of the table of actuals.</param>
    /// <param name="origin">Window index since the epoch of the newest window that the forecast knew.</param>
    /// <param name="lead">1 to 12 windows from the origin to the target.</param>
    /// <param name="deciles">Quantiles 0.1 … 0.9 in the resource's unit, finite.</param>
    public bool Add(int vm, Resource resource, long origin, int lead, ReadOnlySpan<float> deciles)
    {
        if (lead is < 1 or > Horizon.Leads)
            throw new ArgumentOutOfRangeException(nameof(lead), lead, "expected 1 to 12 windows");
        if (deciles.Length != QuantileLevels.DecileCount)
            throw new ArgumentException($"{deciles.Length} quantiles: expected nine, 0.1 … 0.9", nameof(deciles));
        var actual = actuals[vm, resource, origin + lead];
        if (float.IsNaN(actual) || !span.Contains(origin))
            return false;
        foreach (var quantile in deciles)
        {
            if (!float.IsFinite(quantile))
                throw new ArgumentException($"quantile {quantile}: expected finite numbers", nameof(deciles));
        }

        var series = Index(vm, resource);
        var draw = new SeededRandom(StableHash.Combine(seed, (ulong)series), (ulong)(origin * Horizon.Leads + lead)).NextDouble();
        _tallies[series].Add(lead, actual, deciles, draw);
        return true;
    }

    private static int Index(int vm, Resource resource) => vm * Resources.Count + (int)resource;
}
