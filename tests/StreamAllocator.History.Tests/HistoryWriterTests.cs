using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Embedded;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Schemas;
using Xunit.Abstractions;

namespace StreamAllocator.History.Tests;

[Collection("InfluxDB")]
public sealed class HistoryWriterTests(InfluxServer influx, ITestOutputHelper output) : IDisposable
{
    private readonly SeenMessages _messages = new();
    private readonly InMemoryLog _log = new(new InMemoryLogOptions { DropConsumed = false });

    public void Dispose() => _log.Dispose();

    [InfluxFact]
    public async Task The_points_read_back_are_those_that_the_topics_hold()
    {
        var options = await influx.NewBucket();
        var topics = new FilledTopics(_log, Seed());
        topics.Write(0, 40);

        await RunUntilCaughtUp(_log, topics.Topics, options);

        await AssertStored(_log, topics.Topics, options);
        Assert.Empty(_messages.All);
    }

    [InfluxFact]
    public async Task Stopped_at_random_moments_and_started_again_it_writes_the_same_points()
    {
        var folder = Directory.CreateTempSubdirectory("streamallocator-history-");
        var options = await influx.NewBucket() with { BatchRecords = 20 };
        var seed = Seed();
        var random = new SeededRandom(seed);
        using (var log = EmbeddedLog.Open(Path.Combine(folder.FullName, "log.db")))
            new FilledTopics(log, seed).Write(0, 100);
        var stoppedWithin = 0;
        for (var stop = 0; stop < 8; stop++)
        {
            using var log = EmbeddedLog.Open(Path.Combine(folder.FullName, "log.db"));
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(20 + random.NextInt32(200)));
            using var writer = await Open(log, new Topics(), options);
            await writer.Run(cancellation.Token);
            stoppedWithin += writer.PointsWritten > 0 ? 1 : 0;
            output.WriteLine($"stop {stop}: {writer.PointsWritten} points");
        }

        Assert.True(stoppedWithin > 0, "no writer lived long enough to write a point");

        using (var log = EmbeddedLog.Open(Path.Combine(folder.FullName, "log.db")))
        {
            await RunUntilCaughtUp(log, new Topics(), options);
            await AssertStored(log, new Topics(), options);
        }

        folder.Delete(recursive: true);
    }

    [InfluxFact]
    public async Task Two_writers_share_the_partitions_and_each_point_is_there()
    {
        var options = await influx.NewBucket() with { BatchRecords = 20 };
        var topics = new FilledTopics(_log, Seed());
        topics.Write(0, 60);
        using var stop = new CancellationTokenSource();
        using var first = await Open(_log, topics.Topics, options, "first");
        using var second = await Open(_log, topics.Topics, options, "second");
        var running = first.Run(stop.Token);
        await Eventually.Holds("the first writes", () => first.PointsWritten > 0);
        running = Task.WhenAll(running, second.Run(stop.Token));
        topics.Write(60, 60);
        await first.CaughtUp(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        await Eventually.Holds("the second writes", () =>
        {
            topics.Write(120 + (int)_log.EndOffset(new TopicPartition(topics.Topics.Features, 0)), 1);
            return second.PointsWritten > 0;
        });
        await first.CaughtUp(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();
        await running;

        await AssertStored(_log, topics.Topics, options);
    }

    [InfluxFact]
    public async Task What_cannot_be_used_is_in_dead_letter_with_its_cause_and_raw_bytes_and_the_rest_is_written()
    {
        var options = await influx.NewBucket();
        var topics = new FilledTopics(_log, Seed());
        topics.Write(0, 40);
        var expected = ExpectedPoints.Of(_log, topics.Topics, options);
        var oversized = topics.Features("vm-1", 1);
        oversized.Metrics[0].Name = new string('x', 70_000);
        var unwritable = topics.Features("vm-1\\", 1);
        byte[] malformed = [0x0A, 0x7F, 0x01];
        topics.Write(topics.Topics.Features, "a", 1, SchemaHeaders.Features, oversized.ToByteArray());
        topics.Write(topics.Topics.Features, "b", 1, SchemaHeaders.Features, unwritable.ToByteArray());
        topics.Write(topics.Topics.Features, "c", 1, SchemaHeaders.Features, malformed);

        await RunUntilCaughtUp(_log, topics.Topics, options);

        var letters = Letters(topics.Topics).OrderBy(letter => letter.Key.ToStringUtf8(), StringComparer.Ordinal).ToList();
        Assert.Equal(
            [Schemas.DeadLetterCause.Refused, Schemas.DeadLetterCause.Invalid, Schemas.DeadLetterCause.Malformed], letters.Select(letter => letter.Cause));
        Assert.Equal([oversized.ToByteArray(), unwritable.ToByteArray(), malformed], letters.Select(letter => letter.Value.ToByteArray()));
        Assert.All(letters, letter => Assert.Equal((topics.Topics.Features, 1L), (letter.SourceTopic, letter.SourceTimeMs)));
        Assert.All(letters, letter => Assert.NotEmpty(letter.Detail));
        output.WriteLine(string.Join('\n', _messages.All.Concat(letters.Select(letter => letter.Detail[..Math.Min(200, letter.Detail.Length)]))));

        AssertSame(expected, await StoredPoints.Of(options));
    }

    [InfluxFact]
    public async Task Points_older_than_the_bucket_keeps_are_left_out_and_it_is_said_once()
    {
        var options = await influx.NewBucket(TimeSpan.FromDays(1));
        var topics = new FilledTopics(_log, Seed());
        topics.Write(0, 10);
        var recent = topics.Features("vm-now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        topics.Write(topics.Topics.Features, "vm-now", recent.EndMs, SchemaHeaders.Features, recent.ToByteArray());

        await RunUntilCaughtUp(_log, topics.Topics, options);

        Assert.Empty(Letters(topics.Topics));
        Assert.Equal(1, _messages.Count("does not keep all"));
        var stored = await StoredPoints.Of(options);
        Assert.NotEmpty(stored);
        Assert.All(stored, line => Assert.Contains("vm-now", line, StringComparison.Ordinal));
    }

    [InfluxFact]
    public async Task What_retention_took_before_it_was_read_is_told()
    {
        var options = await influx.NewBucket();
        var topics = new FilledTopics(_log, Seed(), keepAll: false);
        topics.Write(0, 10);
        await RunUntilCaughtUp(_log, topics.Topics, options);
        Assert.Empty(_messages.All);
        topics.Write(10, 10);

        // Forecasts are kept for two days; what is older goes in portions.
        var forecasts = Enumerable.Range(0, FilledTopics.Partitions).Select(partition => new TopicPartition(topics.Topics.Forecasts, partition)).ToList();
        for (var day = 3; forecasts.Exists(partition => _log.BeginOffset(partition) <= _log.Committed(options.Group, partition)); day++)
            topics.Write(day * 288, 1);
        await RunUntilCaughtUp(_log, topics.Topics, options);

        Assert.Equal(FilledTopics.Partitions, _messages.All.Count(message => message.Contains("of streamallocator.forecasts/", StringComparison.Ordinal) && message.Contains("are not in the history", StringComparison.Ordinal)));
    }

    [InfluxFact]
    public async Task A_wrong_token_organisation_or_bucket_is_one_clear_error_at_the_start()
    {
        var options = await influx.NewBucket();
        var topics = new FilledTopics(_log, Seed()).Topics;

        var token = await Assert.ThrowsAsync<HistoryException>(() => Open(_log, topics, options with { Token = "a-secret-token" }));
        var bucket = await Assert.ThrowsAsync<HistoryException>(() => Open(_log, topics, options with { Bucket = "no-such-bucket" }));
        var none = await Assert.ThrowsAsync<HistoryException>(() => Open(_log, topics, options with { Token = null }));
        var organisation = await Assert.ThrowsAsync<HistoryException>(() => Open(_log, topics, options with { Org = "nobody" }));

        Assert.Contains("unauthorized access (History.Token)", token.Message, StringComparison.Ordinal);
        Assert.Contains("unauthorized access (History.Token)", none.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-token", token.ToString(), StringComparison.Ordinal);
        Assert.Contains("bucket \"no-such-bucket\" not found", bucket.Message, StringComparison.Ordinal);
        Assert.Contains("organization name \"nobody\" not found", organisation.Message, StringComparison.Ordinal);
    }

    private ulong Seed()
    {
        var seed = (ulong)Environment.TickCount64;
        output.WriteLine($"seed {seed}");
        return seed;
    }

    private Task<HistoryWriter> Open(IEventLog log, Topics topics, HistoryOptions options, string name = "writer") =>
        HistoryWriter.Open(log, topics, options, name, _messages, null, TimeProvider.System, CancellationToken.None);

    private async Task RunUntilCaughtUp(IEventLog log, Topics topics, HistoryOptions options)
    {
        using var writer = await Open(log, topics, options);
        using var stop = new CancellationTokenSource();
        var running = writer.Run(stop.Token);
        await await Task.WhenAny(running, writer.CaughtUp(stop.Token)).WaitAsync(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();
        await running;
    }

    private static async Task AssertStored(IEventLog log, Topics topics, HistoryOptions options)
    {
        var expected = ExpectedPoints.Of(log, topics, options);
        Assert.NotEmpty(expected);
        AssertSame(expected, await StoredPoints.Of(options));
    }

    private static void AssertSame(List<string> expected, List<string> stored)
    {
        Assert.True(expected.ToHashSet().SetEquals(stored), string.Join('\n', [
            .. expected.Except(stored).Take(3).Select(line => $"not stored: {line}"), .. stored.Except(expected).Take(3).Select(line => $"not in the topics: {line}")]));
        Assert.Equal(expected.Count, stored.Count);
    }

    private List<DeadLetter> Letters(Topics topics)
    {
        var letters = new List<DeadLetter>();
        using var reader = _log.Read([new TopicPartition(topics.DeadLetter, 0)]);
        using var batch = new RecordBatch();
        while (reader.Poll(batch, 100, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var index = 0; index < batch.Count; index++)
                letters.Add(DeadLetter.Parser.ParseFrom(batch[index].Value));
        }

        return letters;
    }
}
