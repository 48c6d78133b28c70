using System.Buffers.Binary;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Ingest;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Simulation.Tests.Faults;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Simulation.Tests;

/// <summary>From the agent's buffer to <c>vm-inputs</c>: each sample that the buffer took arrives exactly once, whoever dies and whatever answer is lost.</summary>
public sealed class AgentFaultsTests : IDisposable
{
    private static readonly Topics Topics = new();

    private readonly InMemoryLog _kafka = new();
    private readonly InMemoryLog _disk = new();
    private readonly SteppedClock _clock = new(EventTime.FromUnixSeconds(1_754_000_000));
    private readonly List<string> _reports = [];
    private bool _diskIsFull;
    private bool _kafkaIsAway;
    private SampleBuffer? _buffer;
    private TelemetryAgent? _agent;

    public AgentFaultsTests() => _kafka.CreateTopics(Topics.All(1, 1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Killed_and_unanswered_at_every_step(ulong seed)
    {
        var faults = new InMemoryFaults
        {
            Seed = seed,
            CrashBeforeCommit = 0.03,
            CrashWithinCommit = 0.03,
            CrashAfterCommit = 0.03,
            LostAnswer = 0.04,
            LostCommit = 0.04,
        };
        _kafka.Inject(faults);
        _disk.Inject(faults with { Seed = seed + 100 });
        var random = new SeededRandom(seed);
        var deaths = 0;
        for (var interval = 0; interval < 500; interval++)
        {
            try
            {
                Measure();
                if (random.NextInt32(3) > 0)
                    _agent!.PublishAll(default);
            }
            catch (InjectedCrashException)
            {
                deaths++;
                Kill();
            }
        }

        _kafka.Inject(null);
        _disk.Inject(null);
        Kill();
        Measure();
        _agent!.PublishAll(default);

        var (arrived, counts) = Ingested();
        Assert.True(deaths > 20 && counts.Duplicates > 10, $"{deaths} deaths, {counts.Duplicates} duplicates");
        Assert.Equal(arrived.Distinct(), arrived);
        Assert.Empty(Accepted().Except(arrived));
        Assert.True(Accepted().Count > 400, $"the buffer took {Accepted().Count}");
    }

    [Fact]
    public void A_full_buffer_gives_up_the_oldest_and_both_ends_count_them()
    {
        Measure();
        Measure();
        _agent!.PublishAll(default);
        _kafkaIsAway = true;
        const int More = SampleBuffer.Capacity + 5_000;
        for (var sample = 0; sample < More; sample++)
        {
            _clock.Now += TimeSpan.FromSeconds(10);
            _buffer!.Add(_clock.Now, new Wire.UsageSample { VmId = "this", EventTimeMs = _clock.Now.UnixMilliseconds, CpuCores = 1 }.ToByteArray());
        }

        _agent.PublishAll(default);
        _kafkaIsAway = false;
        _agent.PublishAll(default);

        var (arrived, counts) = Ingested();
        var givenUp = More + 2 - arrived.Count;
        Assert.InRange(givenUp, 1, 5_000);
        Assert.Equal((givenUp, givenUp), (_buffer!.GivenUp, counts.Missing));
        Assert.Equal(Accepted().TakeLast(SampleBuffer.Capacity), arrived.TakeLast(SampleBuffer.Capacity));
        Assert.Contains(_reports, report => report.Contains($"{givenUp} samples were given up", StringComparison.Ordinal));
    }

    [Fact]
    public void On_a_full_disk_samples_are_published_all_the_same()
    {
        Measure(2);
        _diskIsFull = true;
        Measure();
        _agent!.PublishAll(default);
        Measure(3);
        _agent.PublishAll(default);
        _diskIsFull = false;
        Measure(2);
        _agent.PublishAll(default);

        Assert.Equal(Times(1, 8), Ingested().Times);
        Assert.Equal(4, Accepted().Count);
        Assert.Collection(
            _reports,
            full => Assert.Contains("no room: samples wait in memory", full, StringComparison.Ordinal),
            again => Assert.Contains("on the disk again", again, StringComparison.Ordinal));
    }

    [Fact]
    public void On_a_full_disk_while_Kafka_is_away_samples_wait_in_memory()
    {
        Measure(2);
        (_diskIsFull, _kafkaIsAway) = (true, true);
        Measure(5);
        _agent!.PublishAll(default);
        Measure(5);
        _diskIsFull = false;
        Measure();
        _agent.PublishAll(default);
        _kafkaIsAway = false;
        Kill();
        Measure(2);
        _agent!.PublishAll(default);

        Assert.Equal(Times(1, 15), Ingested().Times);
    }

    [Fact]
    public void What_waits_and_for_how_long_is_told_once_a_minute()
    {
        _kafkaIsAway = true;
        for (var sample = 0; sample < 13; sample++)
        {
            Measure();
            _agent!.PublishAll(default);
        }

        _kafkaIsAway = false;
        _agent!.PublishAll(default);

        Assert.Collection(
            _reports,
            first => Assert.Contains("away: 1 samples wait in the buffer, the oldest for 0 s", first, StringComparison.Ordinal),
            second => Assert.Contains("away: 7 samples wait in the buffer, the oldest for 60 s", second, StringComparison.Ordinal),
            third => Assert.Contains("away: 13 samples wait in the buffer, the oldest for 120 s", third, StringComparison.Ordinal),
            last => Assert.Contains("nothing waits any more of the 13 samples", last, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _agent?.Dispose();
        _buffer?.Dispose();
        _kafka.Dispose();
        _disk.Dispose();
    }

    private void Measure(int intervals = 1)
    {
        for (var interval = 0; interval < intervals; interval++)
        {
            if (_agent is null)
            {
                _buffer = new SampleBuffer(() => new LogDecorator(_disk, producer: Full, outlives: true), _reports.Add);
                _agent = new TelemetryAgent(_buffer, Open, Topics, new AgentOptions { VmId = "this" }, _clock, _reports.Add);
                _agent.Beat();
            }

            _clock.Now += TimeSpan.FromSeconds(10);
            _agent.Beat();
        }
    }

    /// <summary>As SIGKILL does: what was only in memory is gone, nothing is closed.</summary>
    private void Kill() => (_agent, _buffer) = (null, null);

    private ILogAppender Open() => _kafkaIsAway ? throw new LogException("Kafka is away") : _kafka.OpenAppender("agent");

    private ProducerDecorator Full(ILogProducer inner) => new(inner, commit: (producer, consumer, offsets) =>
    {
        if (!_diskIsFull)
        {
            producer.Commit(consumer, offsets);
            return;
        }

        producer.Abort();
        throw new LogException("no room");
    });

    private static IEnumerable<long> Times(int first, int last) => Enumerable.Range(first, last - first + 1).Select(sample => (1_754_000_000 + (10L * sample)) * 1000);

    /// <summary>What the buffer holds and has held: event times, in order.</summary>
    private List<long> Accepted()
    {
        var times = new List<long>();
        var samples = new TopicPartition("samples", 0);
        CommittedRecords.Read(_disk, samples, _disk.BeginOffset(samples), (in record) =>
        {
            times.Add(BinaryPrimitives.ReadInt64LittleEndian(record.Key));
            return true;
        });
        return times;
    }

    /// <summary>What ingest makes of the topic: event times, in order.</summary>
    private (List<long> Times, IngestCounts Counts) Ingested()
    {
        var task = new TelemetryIngestTask(Topics, 0, 1, 1, new IngestOptions());
        using var reader = _kafka.Read([new TopicPartition(Topics.Telemetry, 0)]);
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        while (reader.Poll(batch, 100, TimeSpan.Zero) == PollOutcome.Records)
            task.Step(batch, outputs);
        Assert.Equal(Enumerable.Repeat(Topics.VmInputs, outputs.Count), Enumerable.Range(0, outputs.Count).Select(output => outputs.Target(output).Topic));
        return ([.. Enumerable.Range(0, outputs.Count).SelectMany(output => Wire.VmInputs.Parser.ParseFrom(outputs[output].Value).Samples.EventTimeMs.Select(time => (long)time))], task.Counts);
    }
}
