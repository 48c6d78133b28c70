using System.Text;
using Akka.Actor;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Streams.Tests;

public sealed class LiveFeedTests : IDisposable
{
    private const string Topic = "events";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _system = ShardThreads.CreateSystem();
    private readonly InMemoryLog _log = new();
    private readonly CancellationTokenSource _deadline = new(Deadline);
    private int _written;

    public LiveFeedTests() => _log.CreateTopics([new TopicSpec(Topic, 2)]);

    public void Dispose()
    {
        _system.Terminate().Wait(Deadline);
        _system.Dispose();
        _log.Dispose();
        _deadline.Dispose();
    }

    [Fact]
    public async Task Subscriber_sees_what_is_committed_after_it_asked_where_the_end_is()
    {
        using var feed = Open();
        Write(5);
        var end = feed.End();
        Write(3);

        var seen = await Take(feed, end, 3);

        Assert.Equal(["key-1 value-5", "key-0 value-6", "key-1 value-7"], seen.OrderBy(record => record.Time).Select(Show));
        Assert.All(seen, record => Assert.Equal("streamallocator.v1.Event", record.Schema));
        Assert.All(seen, record => Assert.Equal(record.Time.UnixMilliseconds / 1000 / 2, record.Offset));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public async Task Subscribers_that_begin_anywhere_while_records_come_see_each_record_once_and_in_order(int batchSize)
    {
        const int Records = 3000;
        using var feed = Open(new LiveFeedOptions { BatchSize = batchSize, BufferedBatches = Records, PollWait = TimeSpan.FromMilliseconds(5) });
        Write(100);
        var subscribers = new List<(int From, Task<List<LiveRecord>> Seen)>();
        for (var begin = 0; _written < Records; begin += 50)
        {
            var from = begin;
            subscribers.Add((from, Task.Run(() => Take(feed, [from / 2, from / 2], Records - from))));
            Write(100);
        }

        foreach (var (from, seen) in subscribers)
        {
            foreach (var partition in (await seen).GroupBy(record => record.Source.Partition))
            {
                Assert.Equal(
                    Enumerable.Range(from / 2, (Records - from) / 2).Select(index => $"key-{partition.Key} value-{(2 * index) + partition.Key}"),
                    partition.Select(Show));
            }
        }
    }

    [Fact]
    public async Task Subscriber_may_begin_at_an_event_time()
    {
        using var feed = Open();
        Write(10);

        var seen = await Take(feed, feed.At(new EventTime(6_000)), 4);

        Assert.Equal([6_000L, 7_000, 8_000, 9_000], seen.Select(record => record.Time.UnixMilliseconds).Order());
    }

    [Fact]
    public async Task Subscriber_that_does_not_keep_up_is_ended_and_holds_back_nobody()
    {
        using var feed = Open(new LiveFeedOptions { BatchSize = 1, BufferedBatches = 8, PollWait = TimeSpan.FromMilliseconds(5) });
        var start = feed.End();
        await using var slow = feed.Subscribe(start, _deadline.Token).GetAsyncEnumerator(_deadline.Token);
        var first = slow.MoveNextAsync();
        Write(1);
        Assert.True(await first);

        // The other one takes each record before the next is written, so that only the slow one can fall behind.
        await using var brisk = feed.Subscribe(start, _deadline.Token).GetAsyncEnumerator(_deadline.Token);
        for (var taken = 0; taken < 50; taken++)
        {
            Assert.True(await brisk.MoveNextAsync());
            Assert.Equal($"key-{taken % 2} value-{taken}", Show(brisk.Current));
            Write(1);
        }

        var ended = await Assert.ThrowsAsync<SubscriberTooSlowException>(async () =>
        {
            while (await slow.MoveNextAsync())
            {
            }
        });
        Assert.Contains("left 8 batches unread", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_that_nobody_reads_any_more_starts_again_for_the_next_subscriber()
    {
        using var feed = Open();
        Write(2);
        Assert.Equal(2, (await Take(feed, [0, 0], 2)).Count);
        Write(4);

        Assert.Equal(4, (await Take(feed, [1, 1], 4)).Count);
    }

    [Fact]
    public async Task Disposing_the_feed_ends_its_subscribers()
    {
        var feed = Open();
        Write(1);
        await using var subscriber = feed.Subscribe([0, 0], _deadline.Token).GetAsyncEnumerator(_deadline.Token);
        Assert.True(await subscriber.MoveNextAsync());

        feed.Dispose();

        Assert.False(await subscriber.MoveNextAsync());
    }

    [Fact]
    public async Task Offset_beyond_the_end_is_refused()
    {
        using var feed = Open();
        Write(2);

        var failure = await Assert.ThrowsAsync<LogException>(() => Take(feed, [0, 2], 1));

        Assert.Contains("events/1 ends at offset 1, 2 was asked for", failure.Message, StringComparison.Ordinal);
    }

    private static string Show(LiveRecord record) => $"{Encoding.UTF8.GetString(record.Key)} {Encoding.UTF8.GetString(record.Value)}";

    private LiveFeed Open(LiveFeedOptions? options = null) =>
        new(_system, _log, Topic, options ?? new LiveFeedOptions { PollWait = TimeSpan.FromMilliseconds(5) });

    private async Task<List<LiveRecord>> Take(LiveFeed feed, long[] from, int count)
    {
        var seen = new List<LiveRecord>();
        await foreach (var record in feed.Subscribe(from, _deadline.Token))
        {
            seen.Add(record);
            if (seen.Count == count)
                break;
        }

        return seen;
    }

    /// <summary>Even numbers go to partition 0, odd ones to 1; the event time is the number in seconds.</summary>
    private void Write(int records)
    {
        using var producer = _log.OpenProducer("writer");
        using var outputs = new OutputBatch();
        for (var i = 0; i < records; i++, _written++)
        {
            outputs.Append(
                new TopicPartition(Topic, _written % 2),
                new EventTime(1000L * _written),
                Encoding.UTF8.GetBytes($"key-{_written % 2}"),
                RecordHeaders.ForSchema("streamallocator.v1.Event"),
                Encoding.UTF8.GetBytes($"value-{_written}"));
        }

        producer.Send(outputs);
        producer.Commit(null, []);
    }
}
