using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;
using Generated = StreamAllocator.Schemas;

namespace StreamAllocator.Pipeline.Tests.Wire;

/// <summary>The codecs whose messages are columns, and their content.</summary>
internal static class ColumnCodecs
{
    public static Codec Samples()
    {
        var message = new Generated.SampleColumns
        {
            VmIds = { "vm-1", "vm-ä" },
            Vm = { 0, 1, 0 },
            EventTimeMs = { 1_000, 1_000, 2_000 },
            MetricNames = { "queue" },
            MetricSample = { 1, 2 },
            MetricName = { 0, 0 },
            MetricValue = { 7, 8 },
            SourcePartition = 3,
            SourceOffset = { 40, 40, 41 },
        };
        message.CpuCores.Add([0, 1, 2]);
        message.CpuCoresMax.Add([0.5f, 1.5f, 2.5f]);
        message.MemoryGib.Add([4, 8, 4]);
        message.DiskBytesPerSecond.Add([10, 20, float.NaN]);
        message.NetworkBytesPerSecond.Add([30, 40, 50]);
        message.CpuCoresAllocated.Add([2, 4, 2]);
        message.MemoryGibAllocated.Add([8, 16, 8]);
        message.CpuThrottledRatio.Add([0, 0.5f, 0]);
        return new Codec(
            new Generated.VmInputs { Samples = message },
            static writer =>
            {
                var samples = new SampleColumns { SourcePartition = 3 };
                samples.Add("vm-1", new EventTime(1_000), [0, 0.5f, 4, 10, 30, 2, 8, 0], 40);
                samples.Add("vm-ä", new EventTime(1_000), [1, 1.5f, 8, 20, 40, 4, 16, 0.5f], 40);
                samples.AddMetric("queue", 7);
                samples.Add("vm-1", new EventTime(2_000), [2, 2.5f, 4, float.NaN, 50, 2, 8, 0], 41);
                samples.AddMetric("queue", 8);
                samples.Write(writer, 1);
            },
            static (bytes, writer) =>
            {
                var samples = new SampleColumns();
                ReadField(bytes, 1, message => samples.Read(message, new StringPool()));
                samples.Write(writer, 1);
            });
    }

    public static Codec Outlooks()
    {
        var message = new Generated.OutlookColumns
        {
            VmIds = { "vm-1", "vm-ä", "vm-3" },
            OriginMs = 300_000,
            DataAgeWindows = { 0, 3, 0 },
            Flags = { 1, 6, 0 },
            Model = { 0, 1, 0 },
            ModelVersions = { "default", "smoothing@2" },
        };
        for (var level = 0; level < 3 * DemandOutlook.LevelCount; level++)
            message.Levels.Add(level);
        for (var quantile = 0; quantile < 3 * DemandOutlook.DwellCount; quantile++)
            message.DwellQuantiles.Add(quantile * 0.5f);
        return new Codec(
            new Generated.PoolInputs { Outlooks = message },
            static writer =>
            {
                var outlooks = new OutlookColumns { Origin = new EventTime(300_000) };
                Add(outlooks, "vm-1", 0, OutlookFlags.Warming, "default");
                Add(outlooks, "vm-ä", 3, OutlookFlags.CpuSaturated | OutlookFlags.MemorySaturated, "smoothing@2");
                Add(outlooks, "vm-3", 0, OutlookFlags.None, "default");
                outlooks.Write(writer, 1);
            },
            static (bytes, writer) =>
            {
                var outlooks = new OutlookColumns();
                ReadField(bytes, 1, message => outlooks.Read(message, new StringPool()));
                outlooks.Write(writer, 1);
            });
    }

    public static Codec Evidence() => new(
        new Generated.PoolInputs { EvidenceVmIds = { "vm-1", "vm-ä" }, EvidenceFlags = { 8, 2 } },
        static writer =>
        {
            var evidence = new EvidenceColumns();
            evidence.Add("vm-1", OutlookFlags.Throttled);
            evidence.Add("vm-ä", OutlookFlags.CpuSaturated);
            evidence.Write(writer);
        },
        static (bytes, writer) =>
        {
            var evidence = new EvidenceColumns();
            var reader = new ProtoReader(bytes);
            while (reader.Next())
            {
                if (reader.Field == 10)
                    evidence.VmIds.Add(reader.Text());
                else if (reader.Field == 11)
                    evidence.ReadFlags(ref reader);
            }

            for (var index = 0; index < evidence.Count; index++)
                _ = evidence.Flags(index);
            evidence.Write(writer);
        });

    public static Codec Decision()
    {
        var decision = new Decision
        {
            VmId = "vm-ä",
            PoolId = "pool-1",
            EventTime = new EventTime(300_000),
            Kind = DecisionKind.Up,
            Reason = DecisionReason.ForecastAboveThreshold,
            CpuReason = DecisionReason.ForecastAboveThreshold,
            MemoryReason = DecisionReason.Deadband,
            Priority = Priority.Critical,
            K = 0.5,
            Alpha = 0.005,
            Allocated = new VmSize(2, 8),
            Target = new VmSize(3.5, 8),
            LowerBound = new VmSize(1, 2),
            UpperBound = new VmSize(8, 16),
            UncappedTarget = new VmSize(3.4, 7),
            Counterfactual = new VmSize(3.75, 7.5),
            CounterfactualAlpha = 0.001,
            Revision = 300,
            ForecastOrigin = new EventTime(300_000),
            DataAgeWindows = 1,
            ModelVersion = "default",
            OfferId = "offer-1",
            RequestId = "r-1",
        };
        decision.AddStep(DecisionStepKind.Allocated, Resource.Cpu, 2);
        decision.AddStep(DecisionStepKind.Threshold, Resource.Cpu, 2.5);
        decision.AddStep(DecisionStepKind.Final, Resource.Memory, 8);
        var message = new Generated.Decision
        {
            VmId = "vm-ä",
            PoolId = "pool-1",
            EventTimeMs = 300_000,
            Kind = Generated.DecisionKind.Up,
            Reason = Generated.DecisionReason.ForecastAboveThreshold,
            CpuReason = Generated.DecisionReason.ForecastAboveThreshold,
            MemoryReason = Generated.DecisionReason.Deadband,
            Priority = Generated.Priority.Critical,
            K = 0.5,
            Alpha = 0.005,
            Allocated = Size(2, 8),
            Target = Size(3.5, 8),
            LowerBound = Size(1, 2),
            UpperBound = Size(8, 16),
            UncappedTarget = Size(3.4, 7),
            Counterfactual = Size(3.75, 7.5),
            CounterfactualAlpha = 0.001,
            Revision = 300,
            ForecastOriginMs = 300_000,
            DataAgeWindows = 1,
            ModelVersion = "default",
            OfferId = "offer-1",
            RequestId = "r-1",
            StepKinds = { Generated.DecisionStepKind.Allocated, Generated.DecisionStepKind.Threshold, Generated.DecisionStepKind.Final },
            StepResources = { 0, 0, 1 },
            StepValues = { 2, 2.5f, 8 },
        };
        return Codec.Of(message, decision, new DecisionCodec().WriteFields, reader => new DecisionCodec().Read(reader));
    }

    private static void Add(OutlookColumns outlooks, string vmId, int age, OutlookFlags flags, string model)
    {
        var index = outlooks.Count;
        outlooks.Add(vmId, age, flags, model, out var levels, out var dwell);
        for (var level = 0; level < levels.Length; level++)
            levels[level] = index * levels.Length + level;
        for (var quantile = 0; quantile < dwell.Length; quantile++)
            dwell[quantile] = (index * dwell.Length + quantile) * 0.5f;
    }

    private delegate void MessageReading(ProtoReader message);

    private static void ReadField(byte[] bytes, int field, MessageReading read)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == field)
                read(reader.Message());
        }
    }

    private static Generated.Size Size(double cores, double gib) => new() { CpuCores = cores, MemoryGib = gib };
}
