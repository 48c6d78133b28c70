using System.Buffers.Binary;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Pipeline.Tests.Logs;

public sealed class CommittedRecordsTests : IDisposable
{
    private const int Written = 1000;
    private static readonly TopicPartition Source = new("input", 0);

    private readonly InMemoryLog _log = new();

    public CommittedRecordsTests()
    {
        _log.CreateTopics([new TopicSpec(Source.Topic, 1)]);
        using var producer = _log.OpenProducer("writer");
        using var outputs = new OutputBatch();
        var value = new byte[4];
        for (var i = 0; i < Written; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(value, i);
            outputs.Append(Source, new EventTime(i), [], [], value);
        }

        producer.Send(outputs);
        producer.Commit(null, []);
    }

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Backwards_each_record_comes_once_and_each_stretch_forwards()
    {
        var seen = Backwards(_ => false);

        Assert.Equal(Enumerable.Range(0, Written), seen.Order());
        Assert.Equal([936, 808, 552, 40, 0], seen.Where((value, place) => place == 0 || value != seen[place - 1] + 1));
    }

    [Fact]
    public void Backwards_no_more_is_read_than_suffices()
    {
        Assert.Equal(64, Backwards(seen => seen.Count > 0).Count);
        Assert.Equal(64 + 128, Backwards(seen => seen.Contains(900)).Count);
    }

    private List<int> Backwards(Predicate<List<int>> suffices)
    {
        var seen = new List<int>();
        CommittedRecords.ReadBackwards(_log, Source, (in record) =>
        {
            seen.Add(BinaryPrimitives.ReadInt32LittleEndian(record.Value));
            return true;
        }, () => suffices(seen));
        return seen;
    }
}
