using System.Text;
using Google.Protobuf;
using static StreamAllocator.Ingest.Tests.Telemetry.TelemetryHarness;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Telemetry;

public sealed class TelemetryJsonTests
{
    [Fact]
    public void JSON_says_the_same_as_Protobuf()
    {
        var full = new Wire.UsageSample
        {
            VmId = "größe \"1\"",
            EventTimeMs = Start,
            IntervalMs = 10_000,
            CpuCores = 1.25,
            CpuCoresMax = 2.5,
            MemoryGib = 3.5,
            DiskBytesPerSecond = 1e7,
            NetworkBytesPerSecond = 0,
            CpuCoresAllocated = 4,
            MemoryGibAllocated = 8,
            CpuThrottledRatio = 0.125,
            Metrics = { new Wire.Metric { Name = "transactions", Value = -2.5 }, new Wire.Metric { Name = "queue", Value = 7 } },
        };
        var counters = new Wire.UsageSample
        {
            VmId = "vm-b",
            EventTimeMs = Start,
            IntervalMs = 10_000,
            CpuPercent = 50,
            CpuCoresAllocated = 2,
            DiskBytesTotal = ulong.MaxValue,
        };
        var message = new Wire.Telemetry { Samples = { full, counters }, Heartbeat = new Wire.Heartbeat { EventTimeMs = Start } };
        var json = new JsonFormatter(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true)).Format(message);

        var expected = new TelemetryHarness(IngestOptions.ForDriven).Fold(message.ToByteArray());
        var byHeader = new TelemetryHarness(IngestOptions.ForDriven).FoldWith(Json, Encoding.UTF8.GetBytes("  " + json));
        var byFirstByte = new TelemetryHarness(IngestOptions.ForDriven).Fold(Encoding.UTF8.GetBytes(json));

        Assert.Equal(2, expected.Task.Counts.Accepted);
        Assert.Equal(expected.Inputs, byHeader.Inputs);
        Assert.Equal(expected.Inputs, byFirstByte.Inputs);
    }

    [Theory]
    [InlineData("\"event_time\":\"2025-07-31T22:15:00Z\"")]
    [InlineData("\"event_time\":\"2025-07-31T22:15:00.000000000Z\"")]
    [InlineData("\"event_time\":\"2025-08-01T00:15:00+02:00\"")]
    [InlineData("\"event_time_ms\":1754000100000")]
    [InlineData("\"event_time_ms\":\"1754000100000\"")]
    public void Event_time_is_RFC_3339_or_milliseconds(string time)
    {
        var harness = Fold($$"""{"samples":[{"vm_id":"a",{{time}},"interval_ms":1000,"cpu_cores":1}]}""");

        Assert.Equal([(ulong)Start], harness.Inputs.Single().Value.Samples.EventTimeMs);
    }

    [Theory]
    [InlineData("""{"samples":[{"vm_id":"a","event_time":"yesterday","cpu_cores":1}]}""", "RFC 3339")]
    [InlineData("""{"samples":[{"vm_id":"a","event_time":"2025-07-31T22:15:00","cpu_cores":1}]}""", "RFC 3339")]
    [InlineData("""{"samples":[{"vm_id":1}]}""", "expected a text")]
    [InlineData("""{"samples":[{"vm_id":"a","cpu_cores":"many"}]}""", "expected a number")]
    [InlineData("""{"samples":[{"vm_id":"a","disk_bytes_total":-1}]}""", "expected an integer, 0 or more")]
    [InlineData("""{"samples":[{"vm_id":"\ud800"}]}""", "sample 0")]
    [InlineData("""{"samples":[7]}""", "expected a sample")]
    [InlineData("""{"samples":7}""", "expected an array")]
    [InlineData("""{"samples":[]""", "")]
    [InlineData("""{"samples":[]}{""", "")]
    [InlineData("""{"samples":[{"cpu_cores":NaN}]}""", "")]
    public void JSON_of_another_shape_is_malformed(string json, string detail)
    {
        var harness = Fold(json);

        var letter = Assert.Single(harness.DeadLetters);
        Assert.Equal(Wire.DeadLetterCause.Malformed, letter.Cause);
        Assert.Contains(detail, letter.Detail, StringComparison.Ordinal);
        Assert.Equal(json, letter.Value.ToStringUtf8());
    }

    [Theory]
    [InlineData("\"NaN\"")]
    [InlineData("\"-Infinity\"")]
    [InlineData("1e999")]
    public void Numbers_that_are_not_finite_are_refused_as_such(string number)
    {
        var harness = Fold($$"""{"samples":[{"vm_id":"a","event_time_ms":1754000100000,"interval_ms":1000,"cpu_cores":{{number}}}]}""");

        Assert.Equal(Wire.DeadLetterCause.NotFinite, Assert.Single(harness.DeadLetters).Cause);
    }

    [Fact]
    public void After_a_bad_sample_the_next_is_read()
    {
        var good = """{"vm_id":"b","event_time_ms":1754000100000,"interval_ms":1000,"cpu_cores":2,"unknown":[{"x":1}],"memory_gib":null}""";
        var harness = Fold($$"""{"version":[1],"samples":[{"vm_id":[{"a":1}],"cpu_cores":1},{{good}}],"more":{} }""");

        Assert.Equal(["b"], harness.Inputs.Single().Value.Samples.VmIds);
        Assert.Contains("sample 0", Assert.Single(harness.DeadLetters).Detail, StringComparison.Ordinal);
    }

    private static TelemetryHarness Fold(string json) => new TelemetryHarness(IngestOptions.ForDriven).Fold(Encoding.UTF8.GetBytes(json));
}
