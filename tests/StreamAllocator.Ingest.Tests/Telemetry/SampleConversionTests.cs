using static StreamAllocator.Ingest.Tests.Telemetry.TelemetryHarness;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Telemetry;

public sealed class SampleConversionTests
{
    [Fact]
    public void Percent_of_the_allocated_cores_becomes_cores()
    {
        var sample = new Wire.UsageSample(Sample("vm-a", Start, null)) { CpuPercent = 150, CpuCoresAllocated = 4 };
        var columns = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message(sample)).Inputs.Single().Value.Samples;

        Assert.Equal([6f], columns.CpuCores);
        Assert.Equal([4f], columns.CpuCoresAllocated);
    }

    [Fact]
    public void Counters_become_rates_and_one_that_falls_was_reset()
    {
        ulong[] totals = [5_000_000_000, 25_000_000_000, 1_000_000_000, 6_000_000_000];
        var samples = totals.Select((total, index) =>
            new Wire.UsageSample(Sample("vm-a", Start + index * 10_000, null)) { CpuNanosecondsTotal = total, DiskBytesTotal = total, NetworkBytesTotal = total });
        var columns = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message([.. samples])).Inputs.Single().Value.Samples;

        Assert.Equal([float.NaN, 2f, float.NaN, 0.5f], columns.CpuCores);
        Assert.Equal([float.NaN, 2e9f, float.NaN, 5e8f], columns.DiskBytesPerSecond);
        Assert.Equal([float.NaN, 2e9f, float.NaN, 5e8f], columns.NetworkBytesPerSecond);
    }

    [Fact]
    public void Over_a_gap_longer_than_a_window_a_counter_starts_anew()
    {
        long[] times = [0, 900_000, 1_800_001, 1_810_001];
        var samples = times.Select((time, index) => new Wire.UsageSample(Sample("vm-a", Start + time, null)) { DiskBytesTotal = (ulong)index * 900 });
        var columns = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message([.. samples])).Inputs.Single().Value.Samples;

        Assert.Equal([float.NaN, 1f, float.NaN, 90f], columns.DiskBytesPerSecond);
    }

    [Fact]
    public void A_counter_that_arrives_out_of_order_changes_nothing()
    {
        (long, ulong)[] values = [(0, 0), (20_000, 200), (10_000, 100), (30_000, 300)];
        var samples = values.Select(value => new Wire.UsageSample(Sample("vm-a", Start + value.Item1, null)) { DiskBytesTotal = value.Item2 });
        var columns = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message([.. samples])).Inputs.Single().Value.Samples;

        Assert.Equal([float.NaN, 10f, float.NaN, 10f], columns.DiskBytesPerSecond);
    }

    [Fact]
    public void A_published_rate_goes_before_a_counter()
    {
        var sample = new Wire.UsageSample(Sample("vm-a", Start, 3)) { CpuNanosecondsTotal = 1 };
        var next = new Wire.UsageSample(Sample("vm-a", Start + 1000, 3)) { CpuNanosecondsTotal = 1 };
        var columns = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message(sample, next)).Inputs.Single().Value.Samples;

        Assert.Equal([3f, 3f], columns.CpuCores);
    }
}
