using StreamAllocator.Domain;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Agent;

public sealed class TelemetryAgentTests
{
    private static readonly Topics Topics = new();

    [Fact]
    public void It_publishes_one_record_an_interval_in_the_partition_of_its_VM()
    {
        using var machine = new MachineFolder();
        using var log = new InMemoryLog();
        log.CreateTopics([new TopicSpec(Topics.Telemetry, 3, CleanUp.Delete)]);
        var clock = new Clock();
        using var agent = new TelemetryAgent(log, Topics, 3, new AgentOptions { VmId = "this", Root = machine.Root }, clock, Assert.Fail);
        for (var second = 0; second <= 25; second++)
        {
            machine.Write(busy: second * 100, idle: second * 100, stolen: 0, sectors: 0, network: 0);
            agent.Beat();
            clock.Now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal(2, agent.Published);
        var target = new TopicPartition(Topics.Telemetry, StableHash.Partition("this", 3));
        using var reader = log.Read([target]);
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.Records, reader.Poll(batch, 10, TimeSpan.Zero));
        var sample = Assert.Single(Wire.Telemetry.Parser.ParseFrom(batch[1].Value).Samples);
        Assert.Equal((1.0, 10_000U, batch[1].Time.UnixMilliseconds), (sample.CpuCores, sample.IntervalMs, sample.EventTimeMs));
    }

    [Fact]
    public void A_look_that_comes_a_moment_early_ends_its_interval()
    {
        using var machine = new MachineFolder();
        using var log = new InMemoryLog();
        log.CreateTopics([new TopicSpec(Topics.Telemetry, 1, CleanUp.Delete)]);
        var clock = new Clock();
        using var agent = new TelemetryAgent(log, Topics, 1, new AgentOptions { VmId = "this", Root = machine.Root }, clock, Assert.Fail);
        agent.Beat();
        clock.Now += TimeSpan.FromSeconds(9);
        agent.Beat();
        Assert.Equal(0, agent.Published);
        clock.Now += TimeSpan.FromMilliseconds(991);
        agent.Beat();
        Assert.Equal(1, agent.Published);
    }

    [Fact]
    public void Samples_that_the_log_refuses_are_published_with_the_next()
    {
        using var machine = new MachineFolder();
        using var log = new InMemoryLog();
        var clock = new Clock();
        var reports = new List<string>();
        using var agent = new TelemetryAgent(log, Topics, 1, new AgentOptions { VmId = "this", Root = machine.Root }, clock, reports.Add);
        agent.Beat();
        clock.Now += TimeSpan.FromSeconds(10);
        agent.Beat();
        Assert.Equal((0, 1), (agent.Published, reports.Count));

        log.CreateTopics([new TopicSpec(Topics.Telemetry, 1, CleanUp.Delete)]);
        clock.Now += TimeSpan.FromSeconds(10);
        agent.Beat();

        Assert.Equal(2, agent.Published);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_754_000_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
