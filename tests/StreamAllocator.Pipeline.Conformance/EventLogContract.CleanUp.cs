using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

public abstract partial class EventLogContract
{
    [Fact]
    public void Compaction_keeps_the_newest_of_each_key_in_order_and_forgets_removed_keys()
    {
        var topic = Topic(1, CleanUp.Compact);
        var filler = new string('x', 20_000);
        Write(topic, (0, "removed", "soon gone"), (0, "stays", "old"), (0, "alone", "only"));
        Write(topic, (0, "removed", ""), (0, "stays", "new"));
        var written = 5;
        var seen = new List<SeenRecord>();
        Until(
            () =>
            {
                using var producer = Log.OpenProducer(Name("writer"));
                for (var i = 0; i < 100; i++)
                    Send(producer, topic, (0, $"busy-{i % 10}", $"{written++} {filler}"));
                producer.Commit(null, []);
                seen = ReadAll(topic);
                return seen.Count < written / 2 && !seen.Exists(record => record.Key == "removed");
            },
            () => $"a compaction; {seen.Count} of {written} records are left");
        Assert.Equal("new", Assert.Single(seen, record => record.Key == "stays").Value);
        Assert.Equal("only", Assert.Single(seen, record => record.Key == "alone").Value);
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.True(pair.First.Offset < pair.Second.Offset));
        for (var i = 0; i < 10; i++)
        {
            var last = seen.Last(record => record.Key == $"busy-{i}").Value;
            Assert.StartsWith($"{written - 10 + i} ", last, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_reader_steps_over_the_gaps_that_compaction_leaves()
    {
        var topic = Topic(1, CleanUp.Compact);
        var source = new TopicPartition(topic, 0);
        var filler = new string('x', 20_000);
        var reader = Reader(topic);
        Write(topic, (0, "a", "0"));
        var early = Take(reader, 1).Single();
        var written = 1;
        Until(
            () =>
            {
                for (var i = 0; i < 50; i++)
                    Write(topic, (0, "a", $"{written++} {filler}"));
                reader.Seek(source, early.Offset);
                return Take(reader, 1, 1).Single().Offset > early.Offset;
            },
            () => "the first record to be compacted away");
        reader.Seek(source, early.Offset);
        var seen = new List<SeenRecord>();
        using var batch = new RecordBatch();
        Until(
            () =>
            {
                if (reader.Poll(batch, 7, Moment) == PollOutcome.Records)
                    seen.AddRange(SeenRecord.Of(batch));
                return seen.Count > 0 && seen[^1].Value.StartsWith($"{written - 1} ", StringComparison.Ordinal);
            },
            () => "the newest record");
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.True(pair.First.Offset < pair.Second.Offset));
    }

    [Fact]
    public void Retention_drops_old_records_and_no_young_one()
    {
        var topic = Topic(1, CleanUp.Delete, TimeSpan.FromHours(1));
        var source = new TopicPartition(topic, 0);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var filler = new string('x', 20_000);
        var young = 0;

        // The last two are less than the retention apart, so that one clean-up has to end between them.
        Write("old", 150, now - (long)TimeSpan.FromDays(10).TotalMilliseconds);
        Write("old", 50, now - (long)TimeSpan.FromMinutes(70).TotalMilliseconds);
        Write("young", 50, now - (long)TimeSpan.FromMinutes(45).TotalMilliseconds);
        Until(
            () =>
            {
                Write("young", 50, now);
                return Log.BeginOffset(source) > 0;
            },
            () => "old records to go");

        // More may go while this looks.
        var begin = Log.BeginOffset(source);
        var seen = ReadAll(topic);
        Assert.Equal(young, seen.Count(record => record.Key == "young"));
        Assert.True(seen.Count(record => record.Key == "old") < 200);
        Assert.True(begin <= seen[0].Offset);
        var first = Take(Member(Name("group"), "m", topic), 1, 1).Single().Offset;
        Assert.Contains(seen, record => record.Offset == first);
        Assert.InRange(first, seen[0].Offset, seen.First(record => record.Key == "young").Offset);

        void Write(string key, int count, long time)
        {
            using var producer = Log.OpenProducer(Name("writer"));
            using var outputs = new OutputBatch();
            for (var i = 0; i < count; i++)
                Append(outputs, topic, 0, time, key, filler);
            producer.Send(outputs);
            producer.Commit(null, []);
            young += key == "young" ? count : 0;
        }
    }

    [Fact]
    public void Without_a_retention_everything_stays()
    {
        var topic = Topic();
        var producer = Producer();
        using var outputs = new OutputBatch();
        for (var year = 0; year < 50; year++)
        {
            outputs.Clear();
            Append(outputs, topic, 0, EventTime.From(new DateTimeOffset(1980 + year, 1, 1, 0, 0, 0, TimeSpan.Zero)).UnixMilliseconds, "k", new string('x', 20_000));
            producer.Send(outputs);
            producer.Commit(null, []);
        }

        Assert.Equal(50, ReadAll(topic).Count);
        Assert.Equal(0, Log.BeginOffset(new TopicPartition(topic, 0)));
    }
}
