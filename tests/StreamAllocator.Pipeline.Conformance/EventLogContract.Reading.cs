using System.Diagnostics;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

public abstract partial class EventLogContract
{
    [Fact]
    public void Records_come_back_as_they_were_written()
    {
        var topic = Topic();
        var headers = RecordHeaders.Encode(("schema", "streamallocator.v1.Tick"u8.ToArray()), ("empty", []));
        var producer = Producer();
        using (var outputs = new OutputBatch())
        {
            outputs.Append(new TopicPartition(topic, 0), new EventTime(1_500_000_000_123), "key"u8, headers, "value"u8);
            outputs.Append(new TopicPartition(topic, 0), new EventTime(1), [0, 255, 13, 10], default, [0]);
            outputs.Append(new TopicPartition(topic, 0), new EventTime(2), "no value"u8, headers, default);
            producer.Send(outputs);
            outputs.Clear();
            outputs.Append(new TopicPartition(topic, 0), new EventTime(3), "overwrites the buffer of the batch"u8, headers, "????????"u8);
        }

        producer.Commit(null, []);
        var seen = Take(Reader(topic), 3);
        Assert.Equal([1_500_000_000_123, 1, 2], seen.Select(record => record.Time));
        Assert.Equal(["key"u8.ToArray(), [0, 255, 13, 10], "no value"u8.ToArray()], seen.Select(record => record.KeyBytes));
        Assert.Equal([headers, [], headers], seen.Select(record => record.Headers));
        Assert.Equal(["value"u8.ToArray(), [0], []], seen.Select(record => record.ValueBytes));
    }

    [Fact]
    public void A_record_of_20_MB_passes_among_small_ones()
    {
        var topic = Topic();
        var big = new byte[20 << 20];
        for (var i = 0; i < big.Length; i++)
            big[i] = (byte)(i * 31 >> 3);
        Write(topic, (0, "before", "1"));
        using (var producer = Log.OpenProducer(Name("producer")))
        using (var outputs = new OutputBatch())
        {
            outputs.Append(new TopicPartition(topic, 0), new EventTime(5), "big"u8, default, big);
            producer.Send(outputs);
            producer.Commit(null, []);
        }

        Write(topic, (0, "after", "2"));
        var seen = Take(Reader(topic), 3);
        Assert.Equal(["before", "big", "after"], seen.Select(record => record.Key));
        Assert.True(seen[1].ValueBytes.AsSpan().SequenceEqual(big));
    }

    [Fact]
    public void Offsets_ascend_and_the_order_is_that_of_the_commits()
    {
        var topic = Topic();
        ILogProducer[] producers = [Producer(), Producer()];
        for (var i = 0; i < 100; i++)
        {
            Send(producers[i % 2], topic, (0, $"key-{i % 7}", $"{2 * i}"), (0, $"key-{i % 3}", $"{(2 * i) + 1}"));
            producers[i % 2].Commit(null, []);
        }

        var seen = Take(Reader(topic), 200, 17);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), seen.Select(record => record.Value));
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.True(pair.First.Offset < pair.Second.Offset));
    }

    [Fact]
    public void Begin_and_end_enclose_what_is_there()
    {
        var topic = Topic(2);
        TopicPartition written = new(topic, 0), empty = new(topic, 1);
        Assert.Equal(Log.BeginOffset(empty), Log.EndOffset(empty));
        Write(topic, (0, "a", "1"), (0, "a", "2"), (0, "a", "3"));
        Until(() => Log.EndOffset(written) >= Log.BeginOffset(written) + 3, () => "the end to move");
        var seen = Take(Reader(topic), 3);
        Assert.Equal(Log.BeginOffset(written), seen[0].Offset);
        Assert.True(Log.EndOffset(written) > seen[2].Offset);
        Assert.Equal(Log.BeginOffset(empty), Log.EndOffset(empty));
    }

    [Fact]
    public void An_offset_is_found_by_event_time()
    {
        var topic = Topic();
        var source = new TopicPartition(topic, 0);
        var producer = Producer();
        using var outputs = new OutputBatch();
        foreach (var time in new long[] { 1000, 3000, 2000, 3000, 5000 })
        {
            outputs.Clear();
            Append(outputs, topic, 0, time, "k", $"{time}");
            producer.Send(outputs);
            producer.Commit(null, []);
        }

        var seen = Take(Reader(topic), 5);
        Assert.Equal(seen[0].Offset, Log.OffsetAt(source, new EventTime(-1)));
        Assert.Equal(seen[0].Offset, Log.OffsetAt(source, new EventTime(1000)));
        Assert.Equal(seen[1].Offset, Log.OffsetAt(source, new EventTime(1001)));
        Assert.Equal(seen[1].Offset, Log.OffsetAt(source, new EventTime(3000)));
        Assert.Equal(seen[4].Offset, Log.OffsetAt(source, new EventTime(3001)));
        Assert.Equal(Log.EndOffset(source), Log.OffsetAt(source, new EventTime(5001)));
    }

    [Fact]
    public void A_poll_gives_no_more_than_was_asked_for_and_of_one_partition()
    {
        var topic = Topic(2);
        for (var i = 0; i < 10; i++)
            Write(topic, (i % 2, "k", $"{i}"), (i % 2, "k", $"{i}'"));
        var reader = Reader(topic, 2);
        using var batch = new RecordBatch();
        var sources = new List<TopicPartition>();
        var count = 0;
        Until(
            () =>
            {
                if (reader.Poll(batch, 3, Moment) == PollOutcome.Records)
                {
                    Assert.InRange(batch.Count, 1, 3);
                    sources.Add(batch.Source);
                    count += batch.Count;
                }

                return count == 20;
            },
            () => $"20 records; {count} came");
        Assert.Equal(2, sources.Distinct().Count());
    }

    [Fact]
    public void Partitions_take_turns()
    {
        var topic = Topic(2);
        for (var i = 0; i < 300; i++)
            Write(topic, (0, "busy", $"{i}"));
        Write(topic, (1, "quiet", "here"));
        var seen = new List<SeenRecord>();
        var reader = Reader(topic, 2);
        using var batch = new RecordBatch();
        Until(
            () =>
            {
                if (reader.Poll(batch, 1, Moment) == PollOutcome.Records)
                    seen.AddRange(SeenRecord.Of(batch));
                return seen.Count > 0 && seen[^1].Key == "quiet";
            },
            () => "the quiet partition's record");
        Assert.True(seen.Count < 250, $"the quiet partition waited for {seen.Count - 1} records of the busy one");
    }

    [Fact]
    public void A_reader_seeks_forth_and_back()
    {
        var topic = Topic();
        var source = new TopicPartition(topic, 0);
        for (var i = 0; i < 20; i++)
            Write(topic, (0, "k", $"{i}"));
        var reader = Reader(topic);
        var seen = Take(reader, 20);
        reader.Seek(source, seen[12].Offset);
        Assert.Equal("12", Take(reader, 1, 1).Single().Value);
        reader.Seek(source, seen[3].Offset);
        Assert.Equal(["3", "4"], Take(reader, 2, 1).Select(record => record.Value));
        reader.Seek(source, Log.EndOffset(source));
        Write(topic, (0, "k", "new"));
        Assert.Equal("new", Take(reader, 1).Single().Value);
    }

    [Fact]
    public void A_place_that_the_log_never_had_is_refused()
    {
        var topic = Topic();
        Write(topic, (0, "k", "1"));
        var reader = Reader(topic);
        Assert.ThrowsAny<LogException>(() => reader.Seek(new TopicPartition(topic, 0), 1_000));
        Assert.Equal("1", Take(reader, 1).Single().Value);
    }

    [Fact]
    public void The_position_comes_to_the_end_also_where_that_is_a_gap()
    {
        var topic = Topic();
        var source = new TopicPartition(topic, 0);
        var reader = Reader(topic);
        using var batch = new RecordBatch();
        var producer = Producer();
        Send(producer, topic, (0, "k", "1"), (0, "k", "2"));
        producer.Commit(null, []);
        Send(producer, topic, (0, "k", "aborted"));
        producer.Abort();
        Assert.Equal("1", Take(reader, 1, 1).Single().Value);
        Assert.False(reader.IsAtEnd(source));
        Assert.InRange(reader.Position(source), 1, Log.EndOffset(source) - 1);
        Assert.Equal("2", Take(reader, 1, 1).Single().Value);
        Until(
            () =>
            {
                Assert.NotEqual(PollOutcome.Records, reader.Poll(batch, 1, Moment));
                return reader.IsAtEnd(source) && reader.Position(source) == Log.EndOffset(source);
            },
            () => $"the end {Log.EndOffset(source)}; the position is {reader.Position(source)}");
        Write(topic, (0, "k", "3"), (0, "k", "4"));
        Assert.Equal("3", Take(reader, 1, 1).Single().Value);
        Assert.False(reader.IsAtEnd(source));
    }

    [Fact]
    public void A_paused_partition_is_silent_until_it_is_resumed()
    {
        var topic = Topic(2);
        var reader = Reader(topic, 2);
        TopicPartition paused = new(topic, 0), other = new(topic, 1);
        reader.Pause(paused);
        Write(topic, (0, "k", "a"), (1, "k", "b"), (0, "k", "c"));
        Assert.Equal(other, Take(reader, 1).Single().Source);
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.Idle, reader.Poll(batch, 10, Moment));
        Assert.Equal([paused, other], reader.Assignment);
        reader.Resume(paused);
        Assert.Equal(["a", "c"], Take(reader, 2).Select(record => record.Value));
    }

    [Fact]
    public async Task A_waiting_poll_ends_when_a_record_comes()
    {
        var topic = Topic();
        var reader = Reader(topic);
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.Idle, reader.Poll(batch, 10, Moment));
        var clock = Stopwatch.StartNew();
        var writing = Task.Run(() => Write(topic, (0, "k", "1")));
        var outcome = PollOutcome.Idle;
        Until(() => (outcome = reader.Poll(batch, 10, Deadline)) != PollOutcome.Idle, () => "a record");
        Assert.Equal(PollOutcome.Records, outcome);
        Assert.True(clock.Elapsed < Deadline, "the poll slept through the record");
        Assert.Equal("1", SeenRecord.Of(batch).Single().Value);
        await writing;
    }
}
