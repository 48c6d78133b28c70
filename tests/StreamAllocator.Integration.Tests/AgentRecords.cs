using System.Buffers.Binary;
using StreamAllocator.Embedded;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;

namespace StreamAllocator.Integration.Tests;

/// <summary>Where the samples of an agent are, from its buffer to the windows.</summary>
internal static class AgentRecords
{
    private static readonly Topics Topics = new();

    /// <summary>The numbers that the buffer gave out are 1 to n: the event times of these samples, in order.</summary>
    public static List<long> Accepted(string bufferPath)
    {
        using var buffer = EmbeddedLog.Open(bufferPath);
        var times = new List<long>();
        CommittedRecords.Read(buffer, new TopicPartition("samples", 0), 0, (in record) =>
        {
            Assert.Equal(times.Count, record.Offset);
            times.Add(BinaryPrimitives.ReadInt64LittleEndian(record.Key));
            return true;
        });
        return times;
    }

    public static List<UsageSample> Published(KafkaLog log)
    {
        var samples = new List<UsageSample>();
        Each(log, Topics.Telemetry, (in record) =>
        {
            samples.AddRange(Telemetry.Parser.ParseFrom(record.Value).Samples);
            return true;
        });
        return samples;
    }

    /// <summary>Event times of the samples in <c>vm-inputs</c>, in order.</summary>
    public static List<long> Arrived(KafkaLog log)
    {
        var times = new List<long>();
        Each(log, Topics.VmInputs, (in record) =>
        {
            times.AddRange((VmInputs.Parser.ParseFrom(record.Value).Samples?.EventTimeMs ?? []).Select(time => (long)time));
            return true;
        });
        return times;
    }

    public static List<Features> Windows(KafkaLog log)
    {
        var windows = new List<Features>();
        Each(log, Topics.Features, (in record) =>
        {
            windows.Add(Features.Parser.ParseFrom(record.Value));
            return true;
        });
        return windows;
    }

    public static int Count(KafkaLog log, string topic)
    {
        var count = 0;
        Each(log, topic, (in _) => ++count > 0);
        return count;
    }

    private static void Each(KafkaLog log, string topic, RecordVisitor visit)
    {
        foreach (var partition in log.Topics().Single(spec => spec.Name == topic).AllPartitions)
            CommittedRecords.Read(log, partition, 0, visit);
    }
}
