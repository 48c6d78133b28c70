using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>Runs the four pinned baselines over a table of actuals.</summary>
public static class PinnedBaselineScores
{
    /// <summary>One scorer a baseline, in the order of <see cref="PinnedBaselines.All"/>, over the resources asked for.</summary>
    /// <param name="onSeries">Called after each series with the number done, for a progress bar.</param>
    public static AccuracyScorer[] Compute(
        WindowTable actuals, OriginSpan span, IReadOnlyList<Resource> resources, ulong seed = 1, Action<int>? onSeries = null)
    {
        var scorers = PinnedBaselines.All.Select(method => new AccuracyScorer(PinnedBaselines.NameOf(method), actuals, span, seed)).ToArray();
        var done = 0;
        for (var vm = 0; vm < actuals.Vms.Count; vm++)
        {
            foreach (var resource in resources)
            {
                Score(scorers, vm, resource);
                onSeries?.Invoke(++done);
            }
        }

        return scorers;
    }

    private static void Score(AccuracyScorer[] scorers, int vm, Resource resource)
    {
        var actuals = scorers[0].Actuals;
        var values = actuals.Series(vm, resource);
        var series = new PinnedSeries(values);
        var first = scorers[0].Span.First - actuals.FirstWindow;
        var end = Math.Min(scorers[0].Span.End - actuals.FirstWindow, values.Length);
        Span<float> deciles = stackalloc float[PinnedBaselines.All.Length * QuantileLevels.DecileCount];
        while (series.Origin + 1 < end)
        {
            series.Advance();
            if (series.Origin < first || !series.HasValue)
                continue;
            for (var lead = 1; lead <= Horizon.Leads && series.Origin + lead < values.Length; lead++)
            {
                if (float.IsNaN(values.Span[series.Origin + lead]))
                    continue;
                series.Forecast(lead, deciles);
                for (var method = 0; method < scorers.Length; method++)
                {
                    scorers[method].Add(
                        vm, resource, actuals.FirstWindow + series.Origin, lead,
                        deciles.Slice(method * QuantileLevels.DecileCount, QuantileLevels.DecileCount));
                }
            }
        }
    }
}
