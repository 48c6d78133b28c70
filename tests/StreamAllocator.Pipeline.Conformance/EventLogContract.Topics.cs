using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

public abstract partial class EventLogContract
{
    [Fact]
    public void Creating_a_topic_twice_changes_nothing()
    {
        var topic = Topic(2);
        Write(topic, (1, "a", "1"));
        Log.CreateTopics([new TopicSpec(topic, 2), new TopicSpec(Name("other"), 1)]);
        Assert.Equal("1", Assert.Single(ReadAll(topic, 2)).Value);
    }

    [Fact]
    public void Creating_a_topic_with_another_number_of_partitions_is_refused()
    {
        var topic = Topic(2);
        var error = Assert.ThrowsAny<LogException>(() => Log.CreateTopics([new TopicSpec(topic, 3)]));
        Assert.Contains(topic, error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Log.Topics().Single(spec => spec.Name == topic).Partitions);
    }

    [Fact]
    public void Added_partitions_are_empty_and_those_before_them_keep_what_they_have()
    {
        var (grown, group) = (Topic(2), Name("group"));
        Write(grown, (0, "k", "a"), (1, "k", "b"));
        using (var before = Log.Join(group, "m", [grown]))
        {
            var read = Take(before, 2).Single(record => record.Value == "b");
            Producer().Commit(before, [new PartitionOffset(read.Source, read.Offset + 1)]);
        }

        // What is created between has its place between.
        var between = Topic(2);
        Log.AddPartitions(grown, 4);
        Log.AddPartitions(grown, 4);
        Restart();
        Write(grown, (0, "k", "c"), (3, "k", "d"));

        Assert.Equal([2, 4], new[] { between, grown }.Select(topic => Log.Topics().Single(spec => spec.Name == topic).Partitions));
        Assert.Equal(0, Log.EndOffset(new TopicPartition(grown, 2)));
        var member = Member(group, "n", grown);
        Settle(member, 4);
        Assert.Equal([(0, "a"), (0, "c"), (3, "d")], Take(member, 3).Select(record => (record.Source.Partition, record.Value)).Order());
        Assert.Equal([(0, "a"), (0, "c"), (1, "b"), (3, "d")], ReadAll(grown, 4).Select(record => (record.Source.Partition, record.Value)).Order());
        Assert.Empty(ReadAll(between, 2));
    }

    [Fact]
    public void Partitions_are_not_taken_away()
    {
        var topic = Topic(3);
        Assert.Contains(topic, Assert.ThrowsAny<LogException>(() => Log.AddPartitions(topic, 2)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<LogException>(() => Log.AddPartitions(Name("missing"), 2));
        Assert.Equal(3, Log.Topics().Single(spec => spec.Name == topic).Partitions);
    }

    [Fact]
    public void Topics_lists_what_was_created_by_name()
    {
        var names = new[] { Topic(3), Topic(), Topic(2, CleanUp.Compact) };
        var listed = Log.Topics().Where(spec => names.Contains(spec.Name)).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), listed.Select(spec => spec.Name));
        Assert.Equal(3, listed.Single(spec => spec.Name == names[0]).Partitions);
        Assert.Equal(CleanUp.Compact, listed.Single(spec => spec.Name == names[2]).CleanUp);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("..")]
    public void A_name_that_is_no_topic_name_is_refused(string name) =>
        Assert.ThrowsAny<LogException>(() => Log.CreateTopics([new TopicSpec(name, 1)]));

    [Fact]
    public void What_does_not_exist_is_refused()
    {
        var topic = Topic();
        var producer = Producer();
        Assert.ThrowsAny<LogException>(() => Log.Join(Name("group"), "m", [Name("missing")]));
        Assert.ThrowsAny<LogException>(() => Log.Read([new TopicPartition(topic, 1)]));
        Assert.ThrowsAny<LogException>(() => Log.EndOffset(new TopicPartition(Name("missing"), 0)));
        Assert.ThrowsAny<LogException>(() =>
        {
            Send(producer, topic, (1, "a", "1"));
            producer.Commit(null, []);
        });
    }
}
