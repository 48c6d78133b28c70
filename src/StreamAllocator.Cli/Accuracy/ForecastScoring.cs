using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Cli.Accuracy;

/// <summary>Takes a trace through the production code in memory and scores every forecast as it passes, beside the pinned baselines.</summary>
internal sealed class ForecastScoring(TraceOptions trace, WindowTable actuals, OriginSpan span)
{
    private const ulong Seed = 1;

    private readonly Topics _topics = new(Topics.ForRun("forecast"));
    private readonly AllocatorOptions _options = AllocatorOptions.Driven("forecast");
    private readonly AccuracyScorer _scorer = new("streamallocator", actuals, span);
    private readonly Dictionary<string, int> _vms = Enumerable.Range(0, actuals.Vms.Count).ToDictionary(vm => actuals.Vms[vm], StringComparer.Ordinal);

    /// <param name="onForecast">Takes each forecast that counts, with its VM and origin window.</param>
    /// <param name="onProgress">Takes the share of the trace that is done.</param>
    public AccuracyScorer Run(Action<int, long, Wire.Forecast>? onForecast, Action<double> onProgress, CancellationToken cancellation)
    {
        var fleet = Fleet.Of(trace, pools: 1, _ => { });
        using var log = new InMemoryLog(new InMemoryLogOptions { DropConsumed = true });
        log.CreateTopics(_topics.All(_options.VmPartitions, _options.PoolPartitions, keepAll: true));
        log.Tap(_topics.Forecasts, (_, in record) => OnForecast(record, onForecast, onProgress));
        var world = new RecordedWorld(_topics, _options, fleet, trace);
        new DrivenRun(log, _topics, _options, fleet, world.Create, Seed, shards: 1, new ShardOptions(), snapshots: null).Run(cancellation);
        return _scorer;
    }

    private void OnForecast(in LogRecord record, Action<int, long, Wire.Forecast>? onForecast, Action<double> onProgress)
    {
        var forecast = Wire.Forecast.Parser.ParseFrom(record.Value);
        var origin = new EventTime(forecast.OriginMs).WindowIndex(actuals.Size) - 1;
        onProgress((double)(origin - actuals.FirstWindow) / actuals.Length);
        if (!_vms.TryGetValue(forecast.VmId, out var vm) || !span.Contains(origin))
            return;
        Span<float> deciles = stackalloc float[QuantileLevels.DecileCount];
        foreach (var resource in Resources.All)
        {
            var quantiles = forecast.Resources[(int)resource].Quantiles;
            for (var lead = 1; lead * QuantileLevels.Count <= quantiles.Count; lead++)
            {
                for (var level = 0; level < deciles.Length; level++)
                    deciles[level] = quantiles[(lead - 1) * QuantileLevels.Count + level];
                _scorer.Add(vm, resource, origin, lead, deciles);
            }
        }

        onForecast?.Invoke(vm, origin, forecast);
    }
}
