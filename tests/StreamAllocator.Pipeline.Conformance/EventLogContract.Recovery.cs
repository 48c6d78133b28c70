using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

public abstract partial class EventLogContract
{
    [Fact]
    public void After_a_kill_all_that_was_committed_is_there_and_nothing_else()
    {
        string input = Topic(2), output = Topic(), group = Name("group"), id = Name("producer");
        Write(input, (0, "k", "1"), (1, "k", "2"), (0, "k", "3"));
        var member = Member(group, "m", input);
        var seen = Take(member, 3);
        var first = seen.First(record => record.Source.Partition == 0);
        var producer = Producer(id);
        Send(producer, output, (0, "k", "committed"));
        producer.Commit(member, [new PartitionOffset(first.Source, first.Offset + 1)]);
        Send(producer, output, (0, "k", "never committed"));
        var ends = seen.Select(record => record.Source).Distinct().Order().Select(Log.EndOffset).ToList();

        Restart();

        Assert.Equal(ends, [Log.EndOffset(new TopicPartition(input, 0)), Log.EndOffset(new TopicPartition(input, 1))]);
        Assert.Equal(first.Offset + 1, Log.Committed(group, first.Source));
        Assert.Null(Log.Committed(group, new TopicPartition(input, 1)));
        Assert.Equal(["2", "3"], Take(Member(group, "m", input), 2).Select(record => record.Value).Order());
        var next = Producer(id);
        Send(next, output, (0, "k", "next"));
        next.Commit(null, []);
        Assert.Equal(["committed", "next"], ReadAll(output).Select(record => record.Value));
    }

    [Fact]
    public void Topics_and_clean_up_survive_a_restart()
    {
        var topic = Topic(3, CleanUp.Compact | CleanUp.Delete, TimeSpan.FromDays(7));
        Restart();
        var spec = Log.Topics().Single(spec => spec.Name == topic);
        Assert.Equal(new TopicSpec(topic, 3, CleanUp.Compact | CleanUp.Delete, TimeSpan.FromDays(7)), spec);
    }

    [Fact]
    public void Offsets_by_time_survive_a_restart()
    {
        var topic = Topic();
        var producer = Producer();
        using var outputs = new OutputBatch();
        for (var i = 0; i < 500; i++)
        {
            outputs.Clear();
            Append(outputs, topic, 0, i * 1000, "k", $"{i}");
            producer.Send(outputs);
            producer.Commit(null, []);
        }

        Restart();
        var seen = Take(Reader(topic), 500);
        var source = new TopicPartition(topic, 0);
        foreach (var i in new[] { 0, 1, 7, 250, 499 })
            Assert.Equal(seen[i].Offset, Log.OffsetAt(source, new EventTime((i * 1000) - 10)));
    }

    /// <summary>
    /// A worker copies input to output and meets, in an order drawn from the seed, everything that can happen to it between two calls. Each
    /// input record must end up in the output once, each partition's in order.
    /// </summary>
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void Copying_is_exactly_once_whatever_happens(ulong seed)
    {
        const int Records = 120;
        var random = SeededRandom.For(seed, "contract");
        string input = Topic(2), output = Topic(2), group = Name("group"), id = Name("copier");
        for (var i = 0; i < Records; i++)
            Write(input, (i % 2, $"{i % 5}", $"{i}"));
        ILogConsumer? consumer = null;
        ILogProducer? producer = null;
        using var batch = new RecordBatch();
        Until(
            () =>
            {
                consumer ??= Member(group, "m", input);
                producer ??= Producer(id);
                if (consumer.Poll(batch, 1 + random.NextInt32(6), Moment) == PollOutcome.Records)
                    Act();
                return Remaining() == 0;
            },
            () => $"{Records} records to be copied (seed {seed}); {Remaining()} are left");
        var seen = ReadAll(output, 2);
        for (var partition = 0; partition < 2; partition++)
        {
            Assert.Equal(
                Enumerable.Range(0, Records).Where(i => i % 2 == partition).Select(i => $"{i}"),
                seen.Where(record => record.Source.Partition == partition).Select(record => record.Value));
        }

        void Act()
        {
            foreach (var record in SeenRecord.Of(batch))
                Send(producer!, output, (record.Source.Partition, record.Key, record.Value));
            PartitionOffset[] offsets = [new(batch.Source, batch[batch.Count - 1].Offset + 1)];
            switch (random.NextInt32(8))
            {
                case 0: // gives up: aborts and goes back
                    producer!.Abort();
                    consumer!.Seek(batch.Source, batch[0].Offset);
                    break;
                case 1: // dies before the commit; the log's process too
                    Restart();
                    consumer = null;
                    producer = null;
                    break;
                case 2: // is taken for dead, and commits all the same
                    var zombie = producer!;
                    producer = Producer(id);
                    Assert.Throws<LogFencedException>(() => zombie.Commit(consumer, offsets));
                    consumer!.Seek(batch.Source, batch[0].Offset);
                    break;
                case 3: // commits and dies before it knows
                    producer!.Commit(consumer, offsets);
                    consumer = null;
                    producer = null;
                    break;
                case 4: // leaves in good order
                    producer!.Commit(consumer, offsets);
                    consumer!.Dispose();
                    consumer = null;
                    break;
                default:
                    producer!.Commit(consumer, offsets);
                    break;
            }
        }

        int Remaining()
        {
            var left = 0;
            for (var partition = 0; partition < 2; partition++)
            {
                var source = new TopicPartition(input, partition);
                left += (Log.Committed(group, source) ?? 0) >= Last(source) ? 0 : 1;
            }

            return left;
        }

        long Last(TopicPartition source) => _lastOffsets.TryGetValue(source, out var last) ? last : _lastOffsets[source] = FindLast(source);

        long FindLast(TopicPartition source)
        {
            using var reader = Log.Read([source]);
            return Take(reader, Records / 2)[^1].Offset + 1;
        }
    }

    private readonly Dictionary<TopicPartition, long> _lastOffsets = [];
}
