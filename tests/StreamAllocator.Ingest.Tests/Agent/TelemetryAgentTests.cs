using StreamAllocator.Domain;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Agent;

public sealed class TelemetryAgentTests : IDisposable
{
    private static readonly Topics Topics = new();

    private readonly MachineFolder _machine = new();
    private readonly InMemoryLog _log = new();
    private readonly Clock _clock = new();
    private readonly SampleBuffer _buffer = new(() => new InMemoryLog(), Assert.Fail);
    private readonly TelemetryAgent _agent;

    public TelemetryAgentTests()
    {
        _log.CreateTopics([new TopicSpec(Topics.Telemetry, 3)]);
        _agent = new TelemetryAgent(
            _buffer, () => _log.OpenAppender("agent"), Topics, new AgentOptions { VmId = "this", Root = _machine.Root }, _clock, Assert.Fail);
    }

    [Fact]
    public void It_publishes_one_numbered_record_an_interval_in_the_partition_of_its_VM()
    {
        for (var second = 0; second <= 25; second++)
        {
            _machine.Write(busy: second * 100, idle: second * 100, stolen: 0, sectors: 0, network: 0);
            _agent.Beat();
            _clock.Pass(TimeSpan.FromSeconds(1));
        }

        var published = Published();
        Assert.Equal(2, published.Count);
        Assert.All(published, message => Assert.Equal(_buffer.Source, message.Value.Source));
        Assert.Equal([1UL, 2UL], published.Select(message => Assert.Single(message.Value.Samples).Sequence));
        var sample = published[1].Value.Samples[0];
        Assert.Equal(("this", 1.0, 10_000U, published[1].Time), (sample.VmId, sample.CpuCores, sample.IntervalMs, sample.EventTimeMs));
    }

    [Fact]
    public void A_look_that_comes_a_moment_early_ends_its_interval()
    {
        _agent.Beat();
        _clock.Pass(TimeSpan.FromSeconds(9));
        _agent.Beat();
        Assert.Empty(Published());
        _clock.Pass(TimeSpan.FromMilliseconds(991));
        _agent.Beat();
        Assert.Single(Published());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_is_set_dates_otherwise_and_changes_nothing_else(int hours)
    {
        _agent.Beat();
        for (var sample = 0; sample < 4; sample++)
        {
            if (sample == 2)
                _clock.Set(TimeSpan.FromHours(hours));
            _clock.Pass(TimeSpan.FromSeconds(10));
            _agent.Beat();
        }

        var samples = Published().Select(message => message.Value.Samples[0]).ToList();
        Assert.Equal([10_000U, 10_000U, 10_000U, 10_000U], samples.Select(sample => sample.IntervalMs));
        Assert.Equal((hours * 3600) + 10, (samples[2].EventTimeMs - samples[1].EventTimeMs) / 1000);
    }

    public void Dispose()
    {
        _agent.Dispose();
        _buffer.Dispose();
        _log.Dispose();
        _machine.Dispose();
    }

    private List<(long Time, Wire.Telemetry Value)> Published()
    {
        _agent.PublishAll(default);
        var published = new List<(long, Wire.Telemetry)>();
        CommittedRecords.Read(_log, new TopicPartition(Topics.Telemetry, StableHash.Partition("this", 3)), 0, (in record) =>
        {
            published.Add((record.Time.UnixMilliseconds, Wire.Telemetry.Parser.ParseFrom(record.Value)));
            return true;
        });
        Assert.Equal(_agent.Published, published.Count);
        return published;
    }

    /// <summary>Passes alike on both clocks; the one on the wall may be set.</summary>
    private sealed class Clock : TimeProvider
    {
        private TimeSpan _passed;
        private TimeSpan _set;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time) => _passed += time;

        public void Set(TimeSpan by) => _set += by;

        public override long GetTimestamp() => _passed.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_754_000_000) + _passed + _set;
    }
}
