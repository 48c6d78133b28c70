using StreamAllocator.Domain;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Ingest.Tests.Telemetry;
using StreamAllocator.Pipeline.Wire;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Agent;

public sealed class HostSamplerTests
{
    private static readonly EventTime Start = EventTime.FromUnixSeconds(1_754_000_000);

    [Fact]
    public void A_sample_is_the_mean_of_the_interval_and_its_busiest_second()
    {
        using var machine = new MachineFolder();
        var sampler = new HostSampler(machine.Root);
        sampler.Observe(TimeSpan.Zero);
        machine.Write(busy: 150, idle: 50, stolen: 0, sectors: 1000, network: 500);
        sampler.Observe(TimeSpan.FromSeconds(1));
        machine.Write(busy: 200, idle: 160, stolen: 40, sectors: 4000, network: 10_000);
        sampler.Observe(TimeSpan.FromSeconds(2));

        var sample = Sample(sampler, TimeSpan.FromSeconds(2));

        Assert.Equal(("this", Start.UnixMilliseconds + 2000, 2000U), (sample.VmId, sample.EventTimeMs, sample.IntervalMs));
        Assert.Equal((1.0, 1.5, 2.0), (sample.CpuCores, sample.CpuCoresMax, sample.CpuCoresAllocated));
        Assert.Equal((3.0, 4.0), (sample.MemoryGib, sample.MemoryGibAllocated));
        Assert.Equal(2 * 4000 * 512 / 2.0, sample.DiskBytesPerSecond);
        Assert.Equal(2 * 10_000 / 2.0, sample.NetworkBytesPerSecond);
        Assert.Equal(0.1, sample.CpuThrottledRatio);
    }

    [Fact]
    public void The_next_interval_begins_where_the_last_ended()
    {
        using var machine = new MachineFolder();
        var sampler = new HostSampler(machine.Root);
        sampler.Observe(TimeSpan.Zero);
        machine.Write(busy: 200, idle: 0, stolen: 0, sectors: 1000, network: 500);
        sampler.Observe(TimeSpan.FromSeconds(1));
        Assert.Equal(2.0, Sample(sampler, TimeSpan.FromSeconds(1)).CpuCoresMax);

        machine.Write(busy: 250, idle: 150, stolen: 0, sectors: 1000, network: 400);
        sampler.Observe(TimeSpan.FromSeconds(2));
        var sample = Sample(sampler, TimeSpan.FromSeconds(2));

        Assert.Equal((0.5, 0.5), (sample.CpuCores, sample.CpuCoresMax));
        Assert.Equal(0, sample.DiskBytesPerSecond);
        Assert.False(sample.HasNetworkBytesPerSecond, "the counter fell");
    }

    [Fact]
    public void This_machine_can_be_measured()
    {
        var sampler = new HostSampler();
        sampler.Observe(TimeSpan.Zero);
        sampler.Observe(TimeSpan.FromSeconds(1));
        var sample = Sample(sampler, TimeSpan.FromSeconds(1));

        Assert.InRange(sample.CpuCores, 0, Environment.ProcessorCount);
        Assert.InRange(sample.MemoryGib, 0.01, sample.MemoryGibAllocated);
        using var ingest = new TelemetryHarness(IngestOptions.ForDriven);
        Assert.Empty(ingest.Fold(TelemetryHarness.Message(sample)).DeadLetters);
    }

    private static Wire.UsageSample Sample(HostSampler sampler, TimeSpan at)
    {
        var writer = new ProtoWriter();
        sampler.WriteSample("this", Start + at, at, writer);
        return Wire.UsageSample.Parser.ParseFrom(writer.Written);
    }
}
