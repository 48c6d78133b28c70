using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Wire;
using Generated = StreamAllocator.Schemas;

namespace StreamAllocator.Pipeline.Tests.Wire;

/// <summary>Every hand-written codec with a message that sets all of its fields. Names with an umlaut are two bytes in UTF-8.</summary>
internal static class Codecs
{
    private static readonly VmSpec Vm = new(
        "vm-ä", "pool-1", new VmSize(4, 16), new VmSize(0.5, 1), new VmSize(16, 64), Priority.High, "Europe/Berlin", "batch");

    private static readonly Generated.VmSpec GeneratedVm = new()
    {
        VmId = "vm-ä",
        PoolId = "pool-1",
        Provisioned = Size(4, 16),
        Lower = Size(0.5, 1),
        Upper = Size(16, 64),
        Priority = Generated.Priority.High,
        TimeZone = "Europe/Berlin",
        JobClass = "batch",
    };

    public static readonly Dictionary<string, Codec> All = new()
    {
        ["Tick"] = Codec.Of(
            new Generated.Tick { Source = Generated.TickSource.Predict, Index = 2, Count = 130, EventTimeMs = -300_000 },
            new Tick(TickSource.Predict, 2, 130, new EventTime(-300_000)), static (writer, tick) => tick.WriteFields(writer), Tick.Read),
        ["Lineage"] = Codec.Of(
            new Generated.Lineage { Partitions = 4, Former = { new Generated.FormerPartitions { End = { 7 } }, new Generated.FormerPartitions { End = { 1L << 40 | 1, 0 } } } },
            new Lineage(4, [[7], [1L << 40 | 1, 0]]), LineageCodec.WriteFields, LineageCodec.Read),
        ["VmSpec"] = Codec.Of(GeneratedVm, Vm, VmSpecCodec.WriteFields, VmSpecCodec.Read),
        ["VmSpec, least"] = Codec.Of(
            new Generated.VmSpec { Provisioned = new(), Lower = new(), Upper = new(), TimeZone = "UTC" },
            new VmSpec("", "", default, default, default, Priority.Low), VmSpecCodec.WriteFields, VmSpecCodec.Read),
        ["VmInventory"] = Codec.Of(
            new Generated.VmInventory { Spec = GeneratedVm, Removed = true, ZoneFromMs = { -1, 1_700_000_000_000 }, ZoneOffsetMinutes = { -90, 120 } },
            new VmInventory(Vm, new ZoneOffsets([new EventTime(-1), new EventTime(1_700_000_000_000)], [-90, 120]), true),
            VmInventoryCodec.WriteFields, VmInventoryCodec.Read),
        ["HostSpec"] = Codec.Of(
            new Generated.HostSpec
            {
                HostId = "host-1",
                PoolId = "pool-1",
                Provider = "cloud",
                Region = "eu",
                Capacity = Size(64, 256),
                Granularity = Size(0.01, 0.25),
                Spot = true,
            },
            new HostSpec("host-1", "pool-1", "cloud", "eu", new VmSize(64, 256), new VmSize(0.01, 0.25), true),
            HostSpecCodec.WriteFields, HostSpecCodec.Read),
        ["Offer"] = Codec.Of(
            new Generated.Offer
            {
                OfferId = "offer-1",
                PoolId = "pool-1",
                Provider = "cloud",
                Region = "eu",
                Spot = true,
                PricePerCoreHour = 0.04,
                PricePerGibHour = 0.005,
                Currency = "EUR",
                Capacity = Size(100, 400),
                InterruptionsPerHour = 0.02,
                MoveCost = 0.5,
            },
            new Offer("offer-1", "pool-1", "cloud", "eu", true, 0.04, 0.005, "EUR", new VmSize(100, 400), 0.02, 0.5),
            OfferCodec.WriteFields, OfferCodec.Read),
        ["Occurrence"] = Codec.Of(
            new Generated.Occurrence
            {
                ScheduleId = "s",
                Name = "payroll",
                VmId = "vm-ä",
                JobClass = "batch",
                PoolId = "pool-1",
                StartMs = 1_700_000_000_000,
                DurationMs = 3_600_000,
            },
            new Occurrence("s", "payroll", "vm-ä", "batch", "pool-1", new EventTime(1_700_000_000_000), TimeSpan.FromHours(1)),
            OccurrenceCodec.WriteFields, OccurrenceCodec.Read),
        ["ModelRelease"] = Codec.Of(
            new Generated.ModelRelease
            {
                ModelId = "smoothing",
                JobClass = "batch",
                Version = 300,
                EffectiveMs = 1_700_000_000_000,
                Role = Generated.ModelRole.Challenger,
                Smoothing = new Generated.SmoothingParameters { Alpha = 0.3f, Beta = 0.1f, Damping = 0.8f, Gamma = 0.05f, HalfLifeWindows = 48 },
                ValidationLoss = 0.81,
                ReplacedLoss = 0.9,
                TrainingWindows = 8640,
                Cause = "drift",
                Earlier = { new Generated.SmoothingParameters { Alpha = 0.5f, HalfLifeWindows = 24 }, new Generated.SmoothingParameters { Beta = 0.25f } },
            },
            new ModelRelease(
                "smoothing", "batch", 300, new EventTime(1_700_000_000_000), ModelRole.Challenger,
                new SmoothingParameters(0.3f, 0.1f, 0.8f, 0.05f, 48), 0.81, 0.9, 8640, "drift")
            {
                Earlier = [new SmoothingParameters(0.5f, 0, 0, 0, 24), new SmoothingParameters(0, 0.25f, 0, 0, 0)],
            },
            ModelReleaseCodec.WriteFields, ModelReleaseCodec.Read),
        ["RetrainingRequest"] = Codec.Of(
            new Generated.RetrainingRequest
            {
                JobClass = "batch",
                Reason = Generated.RetrainingReason.Drift,
                EventTimeMs = 300_000,
                Observed = 0.14,
                Limit = 0.13,
                Detail = "0.140 lie above",
                ModelId = "smoothing",
            },
            new RetrainingRequest("batch", RetrainingReason.Drift, new EventTime(300_000), 0.14, 0.13, "0.140 lie above", "smoothing"),
            RetrainingRequestCodec.WriteFields, RetrainingRequestCodec.Read),
        ["ControlRequest, adjust"] = Request(
            new Generated.ControlRequest { VmId = "vm-ä", Kind = Generated.RequestKind.Adjust, Size = Size(4, 8), HoldForMs = 3_600_000 },
            new AdjustRequest("r-1", "ana", new EventTime(1_000), new VmSize(4, 8), TimeSpan.FromHours(1)) { VmId = "vm-ä" }),
        ["ControlRequest, hold"] = Request(
            new Generated.ControlRequest { PoolId = "pool-1", Kind = Generated.RequestKind.Hold, HoldForMs = 60_000 },
            new HoldRequest("r-1", "ana", new EventTime(1_000), TimeSpan.FromMinutes(1)) { PoolId = "pool-1" }),
        ["ControlRequest, release"] = Request(
            new Generated.ControlRequest { PoolId = "pool-1", Kind = Generated.RequestKind.Release },
            new ReleaseRequest("r-1", "ana", new EventTime(1_000)) { PoolId = "pool-1" }),
        ["ControlRequest, rollback"] = Request(
            new Generated.ControlRequest { VmId = "vm-ä", Kind = Generated.RequestKind.Rollback },
            new RollbackRequest("r-1", "ana", new EventTime(1_000)) { VmId = "vm-ä" }),
        ["ResizeCommand"] = Codec.Of(
            new Generated.ResizeCommand
            {
                VmId = "vm-ä",
                PoolId = "pool-1",
                Revision = 7,
                Target = Size(2.5, 8),
                Expected = Size(2, 8),
                Fence = 3,
                IssuedMs = 1_000,
                ExpiryMs = 61_000,
                Placement = "host-2",
                Reasons = { "forecast above threshold", "" },
                RunId = "run-9",
            },
            new ResizeCommand(
                "vm-ä", "pool-1", 7, new VmSize(2.5, 8), new VmSize(2, 8), 3, new EventTime(1_000), new EventTime(61_000), "host-2",
                ["forecast above threshold", ""], "run-9"),
            ResizeCommandCodec.WriteFields, ResizeCommandCodec.Read),
        ["Allocation"] = Codec.Of(
            new Generated.Allocation
            {
                VmId = "vm-ä",
                PoolId = "pool-1",
                Revision = 7,
                Requested = Size(2.5, 8),
                Observed = Size(2, 8),
                Outcome = Generated.AllocationOutcome.Refused,
                HostId = "host-1",
                RequestedMs = 1_000,
                ObservedMs = 61_000,
                Detail = "expected 3 cores",
                Refusal = Generated.RefusalCause.UnexpectedSize,
            },
            new Allocation(
                "vm-ä", "pool-1", 7, new VmSize(2.5, 8), new VmSize(2, 8), AllocationOutcome.Refused, "host-1", new EventTime(1_000),
                new EventTime(61_000), RefusalCause.UnexpectedSize, "expected 3 cores"),
            AllocationCodec.WriteFields, AllocationCodec.Read),
        ["Decision"] = ColumnCodecs.Decision(),
        ["SampleColumns"] = ColumnCodecs.Samples(),
        ["OutlookColumns"] = ColumnCodecs.Outlooks(),
        ["Evidence"] = ColumnCodecs.Evidence(),
        ["Telemetry"] = new(
            new Generated.Telemetry
            {
                Samples =
                {
                    new Generated.UsageSample
                    {
                        VmId = "vm-ä", EventTimeMs = 1_000, CpuCores = 0, CpuCoresMax = 2.5, NetworkBytesPerSecond = 1024,
                        Metrics = { new Generated.Metric { Name = "queue", Value = 12.5 } },
                    },
                },
            },
            static writer =>
            {
                var samples = new SampleColumns();
                samples.Add("other", new EventTime(500), [1, 1, 1, 1, 1, 1, 1, 1], 3);
                samples.Add("vm-ä", new EventTime(1_000), [0, 2.5f, float.NaN, float.NaN, 1024, float.NaN, float.NaN, float.NaN], 4);
                samples.AddMetric("queue", 12.5f);
                TelemetryCodec.Write(writer, samples, 1);
            },
            null),
        ["DeadLetter"] = new(
            new Generated.DeadLetter
            {
                Cause = Generated.DeadLetterCause.Negative,
                Detail = "cpu_cores −1",
                SourceTopic = "telemetry",
                SourcePartition = 2,
                SourceOffset = 300,
                SourceTimeMs = 1_000,
                SoftwareVersion = DeadLetterCodec.SoftwareVersion,
                Key = Bytes("key"),
                Value = Bytes("value"),
                Headers = { new Generated.Header { Name = "schema", Value = Bytes("s") }, new Generated.Header { Name = "trace", Value = Bytes("") } },
            },
            static writer => DeadLetterCodec.WriteFields(
                writer, DeadLetterCause.Negative, "cpu_cores −1", new TopicPartition("telemetry", 2),
                new LogRecord(300, new EventTime(1_000), "key"u8, RecordHeaders.Encode(("schema", "s"u8.ToArray()), ("trace", [])), "value"u8)),
            null),
    };

    private static Codec Request(Generated.ControlRequest message, ControlRequest request)
    {
        (message.RequestId, message.RequestedBy, message.EventTimeMs) = ("r-1", "ana", 1_000);
        return Codec.Of(message, request, ControlRequestCodec.WriteFields, ControlRequestCodec.Read);
    }

    private static Google.Protobuf.ByteString Bytes(string text) => Google.Protobuf.ByteString.CopyFromUtf8(text);

    private static Generated.Size Size(double cores, double gib) => new() { CpuCores = cores, MemoryGib = gib };
}
