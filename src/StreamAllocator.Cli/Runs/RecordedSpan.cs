using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Ingest;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Runs;

/// <summary>Event times of the first and of the newest sample of a topic of telemetry, as ingest reads them: a record's time may be another.</summary>
internal sealed record RecordedSpan(EventTime First, EventTime Last)
{
    /// <summary>Records at each end of a partition that are looked into.</summary>
    private const int Looked = 32;

    /// <param name="now">What is dated later is no history.</param>
    /// <returns>Null where there is no sample.</returns>
    public static RecordedSpan? Find(IEventLog log, TopicSpec telemetry, EventTime now)
    {
        var times = new List<long>();
        for (var partition = 0; partition < telemetry.Partitions; partition++)
        {
            var source = new TopicPartition(telemetry.Name, partition);
            var (begin, end) = (log.BeginOffset(source), log.EndOffset(source));
            times.AddRange(SampleTimes(log, source, begin, Math.Min(begin + Looked, end)));
            times.AddRange(SampleTimes(log, source, Math.Max(begin, end - Looked), end));
        }

        times.RemoveAll(time => time > now.UnixMilliseconds);
        return times.Count == 0 ? null : new RecordedSpan(new EventTime(times.Min()), new EventTime(times.Max()));
    }

    private static List<long> SampleTimes(IEventLog log, TopicPartition source, long begin, long end)
    {
        var topics = new Topics("");
        var ingest = new TelemetryIngestTask(topics, partition: 0, partitions: 1, vmPartitions: 1, new IngestOptions());
        using var reader = new HistoryReader(log, source, begin, end);
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        batch.Reset(source);
        for (; reader.Any(); reader.Advance())
            batch.Append(reader.Current.Offset, reader.Current.Time, reader.Current.Key, reader.Current.Headers, reader.Current.Value);
        ingest.Step(batch, outputs);
        var times = new List<long>();
        var (samples, names) = (new SampleColumns(), new StringPool());
        for (var index = 0; index < outputs.Count; index++)
        {
            var inputs = new ProtoReader(outputs[index].Value);
            while (outputs.Target(index).Topic == topics.VmInputs && inputs.Next())
            {
                if (inputs.Field != 1)
                    continue;
                samples.Read(inputs.Message(), names);
                times.AddRange(samples.Time);
            }
        }

        return times;
    }
}
