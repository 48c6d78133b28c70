using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>Where a log keeps the lineage of <c>vm-inputs</c>.</summary>
public sealed class LineageTopic(IEventLog log, Topics topics)
{
    private readonly TopicPartition _place = new(topics.Lineage, 0);
    private readonly byte[] _key = Encoding.UTF8.GetBytes(topics.VmInputs[topics.Prefix.Length..]);

    /// <summary>Null where the partitions were never raised.</summary>
    /// <exception cref="LogException">The record cannot be read.</exception>
    public Lineage? Read()
    {
        if (!log.Topics().Any(topic => topic.Name == _place.Topic))
            return null;
        byte[]? newest = null;
        CommittedRecords.Read(log, _place, log.BeginOffset(_place), (in record) =>
        {
            if (record.Key.SequenceEqual(_key))
                newest = record.Value.ToArray();
            return true;
        });
        try
        {
            return newest is null ? null : LineageCodec.Read(new ProtoReader(newest));
        }
        catch (WireFormatException damaged)
        {
            throw new LogException($"topic {_place.Topic}: {damaged.Message}", damaged);
        }
    }

    public void Write(Lineage lineage)
    {
        var writer = new ProtoWriter();
        LineageCodec.WriteFields(writer, lineage);
        using var outputs = new OutputBatch();
        outputs.Append(_place, new EventTime(0), _key, SchemaHeaders.Lineage, writer.Written);
        using var producer = log.OpenProducer(topics.Group("lineage"));
        producer.Send(outputs);
        producer.Commit(null, []);
    }
}
