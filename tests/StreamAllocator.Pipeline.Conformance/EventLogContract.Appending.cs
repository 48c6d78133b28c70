using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

public abstract partial class EventLogContract
{
    [Fact]
    public void What_was_appended_is_in_the_partition_of_its_key_in_order_and_whole()
    {
        var topic = Topic(3);
        using var appender = Log.OpenAppender("agent");
        var headers = RecordHeaders.Encode(("schema", "text"u8.ToArray()), ("empty", []));
        for (var number = 0; number < 20; number++)
            appender.Append(topic, new EventTime(5_000 + number), Encoding.UTF8.GetBytes($"key-{number % 4}"), headers, Encoding.UTF8.GetBytes($"{number}"), default);

        var source = new TopicPartition(topic, StableHash.Partition("key-1", 3));
        using var reader = Log.Read([source]);
        using var batch = new RecordBatch();
        var seen = new List<string>();
        Until(
            () =>
            {
                reader.Poll(batch, 100, Moment);
                for (var index = 0; index < batch.Count; index++)
                {
                    Assert.Equal(headers, batch[index].Headers.ToArray());
                    if (batch[index].Key.SequenceEqual("key-1"u8))
                        seen.Add($"{Encoding.UTF8.GetString(batch[index].Value)} at {batch[index].Time.UnixMilliseconds}");
                }

                return seen.Count >= 5;
            },
            () => $"5 records; {seen.Count} came");
        Assert.Equal(["1 at 5001", "5 at 5005", "9 at 5009", "13 at 5013", "17 at 5017"], seen);
    }

    [Fact]
    public void Appenders_of_one_name_do_not_fence_each_other_nor_a_producer()
    {
        var topic = Topic();
        var producer = Producer("agent");
        Send(producer, topic, (0, "k", "3"));
        using (var one = Log.OpenAppender("agent"))
        using (var other = Log.OpenAppender("agent"))
        {
            one.Append(topic, new EventTime(1), "k"u8, default, "1"u8, default);
            other.Append(topic, new EventTime(1), "k"u8, default, "2"u8, default);
            one.Append(topic, new EventTime(1), "k"u8, default, "1 again"u8, default);
        }

        producer.Commit(null, []);
        Assert.Equal(["1", "1 again", "2", "3"], ReadAll(topic).Select(record => record.Value).Order());
    }

    [Fact]
    public void Appending_to_a_topic_that_does_not_exist_fails_and_names_it_until_it_is_there()
    {
        var missing = Name("missing");
        using var appender = Log.OpenAppender("agent");
        var failed = Assert.Throws<LogException>(() => appender.Append(missing, new EventTime(1), "k"u8, default, "v"u8, default));
        Assert.Contains(missing, failed.Message, StringComparison.Ordinal);

        Log.CreateTopics([new TopicSpec(missing, 1)]);
        appender.Append(missing, new EventTime(1), "k"u8, default, "v"u8, default);
        Assert.Equal("v", Assert.Single(ReadAll(missing)).Value);
    }
}
