using System.Text;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Schemas;

namespace StreamAllocator.History.Tests;

/// <summary>Seeded records of every topic that the history reads: missing values, odd ids, several events of a VM within a millisecond.</summary>
internal sealed class FilledTopics
{
    public const int Partitions = 2;
    private const long Start = 1_479_000_000_000;
    private const long Window = 300_000;
    private static readonly string[] Vms = ["vm-1", "vm 2,b=c", "größe\\x", "vm-4"];
    private readonly IEventLog _log;
    private SeededRandom _random;

    public FilledTopics(IEventLog log, ulong seed, bool keepAll = true)
    {
        (_log, _random) = (log, new SeededRandom(seed));
        log.CreateTopics(Topics.All(Partitions, Partitions, keepAll: keepAll));
    }

    public Topics Topics { get; } = new();

    /// <summary>Each VM's records of these windows, one commit a window.</summary>
    public void Write(int firstWindow, int windows)
    {
        for (var window = firstWindow; window < firstWindow + windows; window++)
        {
            using var outputs = new OutputBatch();
            foreach (var vm in Vms)
                AppendWindow(outputs, vm, Start + (window * Window));
            Commit(outputs);
        }
    }

    public void Write(string topic, string key, long time, byte[] headers, byte[] value)
    {
        using var outputs = new OutputBatch();
        Append(outputs, topic, key, time, headers, value);
        Commit(outputs);
    }

    public Features Features(string vm, long end)
    {
        var features = new Features { VmId = vm, StartMs = end - Window, EndMs = end, CpuThrottledRatio = Value(), JobClass = "web" };
        for (var resource = 0; resource < 4; resource++)
        {
            features.Mean.Add(Value());
            features.Max.Add(Value());
            features.Count.Add((uint)_random.NextInt32(30));
        }

        features.Censored.Add([_random.NextInt32(2) == 0, false]);
        features.Allocated.Add([Value(), Value()]);
        features.Metrics.Add(new MetricFeature { Name = "queue length", Mean = Value(), Max = Value(), Count = 3 });
        return features;
    }

    private void AppendWindow(OutputBatch outputs, string vm, long end)
    {
        Append(outputs, Topics.Features, vm, end, SchemaHeaders.Features, Features(vm, end).ToByteArray());
        Append(outputs, Topics.Forecasts, vm, end, SchemaHeaders.Forecast, Forecast(vm, end).ToByteArray());
        Append(outputs, Topics.ForecastErrors, vm, end, SchemaHeaders.ForecastErrors, Errors(vm, end).ToByteArray());
        for (var events = 0; events < 1 + _random.NextInt32(2); events++)
            Append(outputs, Topics.Decisions, vm, end, SchemaHeaders.Decision, Decision(vm, end).ToByteArray());
        for (var events = 0; events < _random.NextInt32(3); events++)
            Append(outputs, Topics.Allocations, vm, end + 7, SchemaHeaders.Allocation, Allocation(vm, end).ToByteArray());
    }

    private Forecast Forecast(string vm, long origin)
    {
        var forecast = new Forecast { VmId = vm, OriginMs = origin, WindowMs = (uint)Window, DataAgeWindows = 1, Warming = _random.NextInt32(2) == 0, ModelVersion = "m/1" };
        foreach (var level in QuantileLevels.All)
            forecast.Levels.Add((float)level);
        for (var resource = 0; resource < 4; resource++)
        {
            var expected = new ResourceForecast();
            forecast.Resources.Add(expected);

            // Without a first value a resource has no forecast.
            if (_random.NextInt32(5) == 0)
                continue;
            expected.BestExpert = "day";
            Fill(expected.Quantiles, 12 * QuantileLevels.Count);
            Fill(expected.Mean, 12);
            Fill(expected.Stddev, 12);
            Fill(expected.DwellMax1H, QuantileLevels.Count);
            Fill(expected.DwellMax15M, QuantileLevels.Count);
        }

        return forecast;
    }

    private ForecastErrors Errors(string vm, long target)
    {
        var errors = new ForecastErrors { VmId = vm, TargetMs = target };
        for (var resource = 0; resource < 4; resource++)
        {
            var one = new ResourceErrors { Actual = Value(), Censored = _random.NextInt32(2) == 0 };
            errors.Resources.Add(one);
            Fill(one.PinballLoss, 12);
            Fill(one.Q10, 12);
            Fill(one.Median, 12);
            Fill(one.Q90, 12);
        }

        return errors;
    }

    private Schemas.Decision Decision(string vm, long time) => new()
    {
        VmId = vm,
        PoolId = "pool-1",
        EventTimeMs = time,
        Kind = (Schemas.DecisionKind)(1 + _random.NextInt32(6)),
        Reason = Schemas.DecisionReason.ForecastAboveThreshold,
        CpuReason = Schemas.DecisionReason.ForecastAboveThreshold,
        MemoryReason = Schemas.DecisionReason.Dwell,
        Priority = Schemas.Priority.High,
        Alpha = 0.01,
        Revision = _random.NextUInt64() >> 12,
        Allocated = new Size { CpuCores = Value(), MemoryGib = 1 },
        Target = new Size { CpuCores = _random.NextDouble(), MemoryGib = 2 },
        LowerBound = new Size { CpuCores = 1, MemoryGib = 2 },
        UpperBound = new Size { CpuCores = 1, MemoryGib = 2 },
        UncappedTarget = new Size { CpuCores = 1, MemoryGib = 2 },
        RequestId = _random.NextInt32(2) == 0 ? "a \"quoted\\ id" : "",
    };

    private Schemas.Allocation Allocation(string vm, long time) => new()
    {
        VmId = vm,
        PoolId = "pool-1",
        Revision = 5,
        RequestedMs = time,
        ObservedMs = time + 7,
        Outcome = Schemas.AllocationOutcome.Refused,
        Refusal = Schemas.RefusalCause.StaleRevision,
        Requested = new Size { CpuCores = _random.NextDouble(), MemoryGib = 3 },
        Observed = new Size { CpuCores = 2, MemoryGib = 3 },
        Detail = "revision 4: expected more than 5",
    };

    private void Fill(Google.Protobuf.Collections.RepeatedField<float> column, int count)
    {
        for (var index = 0; index < count; index++)
            column.Add(Value());
    }

    private float Value() => _random.NextInt32(10) == 0 ? float.NaN : (float)(_random.NextDouble() * 100);

    private static void Append(OutputBatch outputs, string topic, string key, long time, byte[] headers, byte[] value) =>
        outputs.Append(new TopicPartition(topic, StableHash.Partition(key, Partitions)), new EventTime(time), Encoding.UTF8.GetBytes(key), headers, value);

    private void Commit(OutputBatch outputs)
    {
        using var producer = _log.OpenProducer("filled-topics");
        producer.Send(outputs);
        producer.Commit(null, []);
    }
}
