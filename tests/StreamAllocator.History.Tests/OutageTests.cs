using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.History.Tests;

[Collection("InfluxDB")]
public sealed class OutageTests(ITestOutputHelper output)
{
    private readonly SeenMessages _messages = new();
    private readonly CountingClock _clock = new();

    [SharedFact("influxdb/start-influxdb")]
    public async Task While_InfluxDB_is_away_nothing_is_polled_or_committed_and_once_it_is_back_nothing_is_missing()
    {
        using var influx = new LocalInflux();
        using var log = new CountingLog(new InMemoryLog(new InMemoryLogOptions { DropConsumed = false }));
        var topics = Fill(log);
        var options = Options(influx);
        using var writer = await Open(log, topics.Topics, options);
        using var stop = new CancellationTokenSource();
        var running = writer.Run(stop.Token);
        await CaughtUp(writer, running);
        influx.Stop();
        var before = Committed(log, topics.Topics);
        topics.Write(20, 200);
        await Eventually.Holds("the outage is told", () => _messages.Count("takes no points") == 1);
        var (polls, pauses) = (log.Polls, _clock.Pauses);
        await Eventually.Holds("it was tried again and again", () => _clock.Pauses > pauses + 3);
        Assert.Equal(before, Committed(log, topics.Topics));
        Assert.Equal(polls, log.Polls);

        influx.Start();
        await CaughtUp(writer, running);
        await stop.CancelAsync();
        await running;

        output.WriteLine(string.Join('\n', _messages.All));
        Assert.Equal((1, 1, 2), (_messages.Count("takes no points"), _messages.Count("takes points again"), _messages.All.Count));
        var expected = ExpectedPoints.Of(log, topics.Topics, options);
        Assert.True(expected.ToHashSet().SetEquals(await StoredPoints.Of(options)));
    }

    [SharedFact("influxdb/start-influxdb")]
    public async Task It_may_start_before_InfluxDB_does()
    {
        using var influx = new LocalInflux();
        using var log = new InMemoryLog(new InMemoryLogOptions { DropConsumed = false });
        var topics = Fill(log);
        influx.Stop();
        using var writer = await Open(log, topics.Topics, Options(influx));
        using var stop = new CancellationTokenSource();
        var running = writer.Run(stop.Token);
        influx.Start();
        await CaughtUp(writer, running);
        await stop.CancelAsync();
        await running;

        Assert.Equal((1, 1), (_messages.Count("takes no points"), _messages.Count("takes points again")));
        Assert.True(ExpectedPoints.Of(log, topics.Topics, Options(influx)).ToHashSet().SetEquals(await StoredPoints.Of(Options(influx))));
    }

    private FilledTopics Fill(IEventLog log)
    {
        var seed = (ulong)Environment.TickCount64;
        output.WriteLine($"seed {seed}");
        var topics = new FilledTopics(log, seed);
        topics.Write(0, 20);
        return topics;
    }

    private static HistoryOptions Options(LocalInflux influx) =>
        new() { Url = influx.Url, Org = LocalInflux.Org, Bucket = "telemetry", Token = LocalInflux.Token, BatchRecords = 100 };

    private Task<HistoryWriter> Open(IEventLog log, Topics topics, HistoryOptions options) =>
        HistoryWriter.Open(log, topics, options, "writer", _messages, null, _clock, CancellationToken.None);

    private static async Task CaughtUp(HistoryWriter writer, Task running) =>
        await await Task.WhenAny(running, writer.CaughtUp(CancellationToken.None)).WaitAsync(TimeSpan.FromSeconds(120));

    private static List<long?> Committed(CountingLog log, Topics topics) =>
    [
        .. new[] { topics.Features, topics.Forecasts, topics.ForecastErrors, topics.Decisions, topics.Allocations }
            .SelectMany(topic => Enumerable.Range(0, FilledTopics.Partitions).Select(partition => log.Committed("history", new TopicPartition(topic, partition)))),
    ];

    /// <summary>The system's clock; it tells how many pauses were begun.</summary>
    private sealed class CountingClock : TimeProvider
    {
        private int _pauses;

        public int Pauses => Volatile.Read(ref _pauses);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _pauses);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
