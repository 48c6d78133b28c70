using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;

namespace StreamAllocator.History.Tests;

/// <summary>
/// Reads the topics with a plain reader and says what InfluxDB must hold: one line for each field of each point, <c>measurement tags field time = value</c>.
/// Written by the page that documents the measurements, not by the code that makes them.
/// </summary>
internal sealed class ExpectedPoints(HistoryOptions options)
{
    private static readonly string[] Units = ["cpu_cores", "memory_gib", "disk_bytes_per_second", "network_bytes_per_second"];
    private static readonly string[] Short = ["cpu", "memory", "disk", "network"];
    private static readonly (int Index, string Name)[] Levels = [(0, "p10"), (4, "p50"), (8, "p90"), (10, "p99")];
    private readonly List<string> _lines = [];

    public static List<string> Of(IEventLog log, Topics topics, HistoryOptions options)
    {
        var points = new ExpectedPoints(options);
        Read(log, topics.Features, (_, value) => points.Add(Features.Parser.ParseFrom(value)));
        Read(log, topics.Forecasts, (_, value) => points.Add(Forecast.Parser.ParseFrom(value)));
        Read(log, topics.ForecastErrors, (_, value) => points.Add(ForecastErrors.Parser.ParseFrom(value)));
        Read(log, topics.Decisions, (offset, value) => points.Add(Schemas.Decision.Parser.ParseFrom(value), offset));
        Read(log, topics.Allocations, (offset, value) => points.Add(Schemas.Allocation.Parser.ParseFrom(value), offset));
        points._lines.Sort(StringComparer.Ordinal);
        return points._lines;
    }

    private static void Read(IEventLog log, string topic, Action<long, byte[]> add)
    {
        var partitions = log.Topics().Single(spec => spec.Name == topic).Partitions;
        for (var partition = 0; partition < partitions; partition++)
        {
            using var reader = log.Read([new TopicPartition(topic, partition)]);
            using var batch = new RecordBatch();
            while (reader.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
            {
                for (var index = 0; index < batch.Count; index++)
                    add(batch[index].Offset, batch[index].Value.ToArray());
            }
        }
    }

    private void Add(Features features)
    {
        // InfluxDB has no empty tags.
        var series = features.JobClass.Length == 0 ? $"usage vm_id={features.VmId}" : $"usage job_class={features.JobClass} vm_id={features.VmId}";
        Field(series, "cpu_throttled_ratio", features.EndMs, features.CpuThrottledRatio);
        for (var resource = 0; resource < 4; resource++)
        {
            Field(series, Units[resource] + "_mean", features.EndMs, features.Mean[resource]);
            Field(series, Units[resource] + "_max", features.EndMs, features.Max[resource]);
            Field(series, Short[resource] + "_samples", features.EndMs, (long)features.Count[resource]);
            if (resource >= 2)
                continue;
            Field(series, Units[resource] + "_allocated", features.EndMs, features.Allocated[resource]);
            Field(series, Short[resource] + "_censored", features.EndMs, features.Censored[resource]);
        }

        foreach (var metric in features.Metrics)
        {
            series = $"application_metric metric={metric.Name} vm_id={features.VmId}";
            Field(series, "mean", features.EndMs, metric.Mean);
            Field(series, "max", features.EndMs, metric.Max);
            Field(series, "samples", features.EndMs, (long)metric.Count);
        }
    }

    private void Add(Forecast forecast)
    {
        var outlook = $"outlook vm_id={forecast.VmId}";
        Field(outlook, "data_age_windows", forecast.OriginMs, (long)forecast.DataAgeWindows);
        Field(outlook, "warming", forecast.OriginMs, forecast.Warming);
        Field(outlook, "model_version", forecast.OriginMs, forecast.ModelVersion);
        for (var resource = 0; resource < 4; resource++)
        {
            var expected = forecast.Resources[resource];
            if (expected.Mean.Count == 0)
                continue;
            Field(outlook, Short[resource] + "_best_expert", forecast.OriginMs, expected.BestExpert);
            foreach (var (index, name) in Levels)
            {
                Field(outlook, $"{Units[resource]}_max_1h_{name}", forecast.OriginMs, expected.DwellMax1H[index]);
                Field(outlook, $"{Units[resource]}_max_15m_{name}", forecast.OriginMs, expected.DwellMax15M[index]);
            }

            foreach (var lead in options.Leads)
            {
                var series = $"forecast lead_windows={lead} vm_id={forecast.VmId}";
                var target = forecast.OriginMs + (lead * forecast.WindowMs);
                Field(series, Units[resource] + "_mean", target, expected.Mean[lead - 1]);
                Field(series, Units[resource] + "_stddev", target, expected.Stddev[lead - 1]);
                foreach (var (index, name) in Levels)
                    Field(series, $"{Units[resource]}_{name}", target, expected.Quantiles[((lead - 1) * 13) + index]);
            }
        }
    }

    private void Add(ForecastErrors errors)
    {
        foreach (var lead in options.Leads)
        {
            var series = $"forecast_error lead_windows={lead} vm_id={errors.VmId}";
            for (var resource = 0; resource < 4; resource++)
            {
                var one = errors.Resources[resource];
                if (one.PinballLoss.Count == 0 || float.IsNaN(one.PinballLoss[lead - 1]))
                    continue;
                Field(series, Units[resource] + "_actual", errors.TargetMs, one.Actual);
                Field(series, Units[resource] + "_pinball_loss", errors.TargetMs, one.PinballLoss[lead - 1]);
                Field(series, Units[resource] + "_p10", errors.TargetMs, one.Q10[lead - 1]);
                Field(series, Units[resource] + "_p50", errors.TargetMs, one.Median[lead - 1]);
                Field(series, Units[resource] + "_p90", errors.TargetMs, one.Q90[lead - 1]);
                Field(series, Short[resource] + "_censored", errors.TargetMs, one.Censored);
            }
        }
    }

    private void Add(Schemas.Decision decision, long offset)
    {
        var series = $"decision kind={Snake(decision.Kind)} pool_id={decision.PoolId} priority={Snake(decision.Priority)} vm_id={decision.VmId}";
        (string Name, object Value)[] fields =
        [
            ("reason", Snake(decision.Reason)), ("cpu_reason", Snake(decision.CpuReason)), ("memory_reason", Snake(decision.MemoryReason)),
            ("promised_risk_ratio", decision.Alpha), ("revision", (long)decision.Revision), ("data_age_windows", (long)decision.DataAgeWindows),
            ("model_version", decision.ModelVersion), ("offer_id", decision.OfferId), ("request_id", decision.RequestId),
            .. Size("allocated", decision.Allocated), .. Size("target", decision.Target), .. Size("lower_bound", decision.LowerBound),
            .. Size("upper_bound", decision.UpperBound), .. Size("uncapped_target", decision.UncappedTarget),
        ];
        foreach (var (name, value) in fields)
            Field(series, name, decision.EventTimeMs, value, offset);
    }

    private void Add(Schemas.Allocation allocation, long offset)
    {
        var series = $"allocation outcome={Snake(allocation.Outcome)} pool_id={allocation.PoolId} vm_id={allocation.VmId}";
        (string Name, object Value)[] fields =
        [
            ("revision", (long)allocation.Revision), ("latency_seconds", (allocation.ObservedMs - allocation.RequestedMs) / 1000.0),
            ("host_id", allocation.HostId), ("detail", allocation.Detail),
            ("refusal", allocation.Refusal == Schemas.RefusalCause.Unspecified ? "" : Snake(allocation.Refusal)),
            .. Size("requested", allocation.Requested), .. Size("observed", allocation.Observed),
        ];
        foreach (var (name, value) in fields)
            Field(series, name, allocation.ObservedMs, value, offset);
    }

    private static (string Name, object Value)[] Size(string what, Size size) => [($"cpu_cores_{what}", size.CpuCores), ($"memory_gib_{what}", size.MemoryGib)];

    private static string Snake(Enum value) =>
        string.Concat(value.ToString().Select((letter, index) => (index > 0 && char.IsUpper(letter) ? "_" : "") + char.ToLowerInvariant(letter)));

    private void Field(string series, string field, long milliseconds, object value, long offset = 0)
    {
        if (value is "" or float.NaN or double.NaN)
            return;
        _lines.Add(StoredPoints.Line(series, field, (milliseconds * 1_000_000) + (offset % 1_000_000), value));
    }
}
