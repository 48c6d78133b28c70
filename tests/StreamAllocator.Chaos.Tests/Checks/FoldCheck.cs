using System.Globalization;
using System.Text;
using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests.Checks;

/// <summary>
/// Folds what stands committed in <c>vm-inputs</c> and <c>pool-inputs</c> once more, in memory and without a stop, and compares what comes out with
/// what stands in the topics, byte for byte and in order: the whole of a partition where it has one writer, else that writer's part, or each key.
/// </summary>
internal sealed class FoldCheck(Topics topics, Roles roles, int vmPartitions)
{
    private const int BatchSize = 1000;

    public IEnumerable<Finding> Check(Transcript log)
    {
        var findings = new List<Finding>();
        var made = Fold(roles.Predict(), topics.VmInputs, log);
        var decided = Fold(roles.Decide(), topics.PoolInputs, log);
        foreach (var topic in new[] { topics.Features, topics.Forecasts, topics.ForecastErrors })
            Whole(topic, made, log, findings);
        Whole(topics.Commands, decided, log, findings);
        EachWriter(topics.PoolInputs, made, log, WriterOfPoolInput, findings);
        EachWriter(topics.Retraining, made, log, WriterOfRequest, findings);
        EachWriter(topics.Decisions, decided, log, record => record.Key, findings);
        AtLeast(topics.Late, made, log, findings);
        AtLeast(topics.DeadLetter, made, log, findings);
        return findings;
    }

    private static Dictionary<TopicPartition, List<TopicRecord>> Fold(Role role, string topic, Transcript log)
    {
        var made = new Dictionary<TopicPartition, List<TopicRecord>>();
        foreach (var (partition, _) in log.Of(topic))
        {
            var source = new TopicPartition(topic, partition);
            var task = role.Create(source);
            using var batch = new RecordBatch();
            using var outputs = new OutputBatch();
            foreach (var chunk in log.Folded(role.Group, source).Chunk(BatchSize))
            {
                batch.Reset(source);
                foreach (var record in chunk)
                    batch.Append(record.Offset, new EventTime(record.TimeMs), Encoding.UTF8.GetBytes(record.Key), record.Headers, record.Value);
                task.Step(batch, outputs);
                for (var index = 0; index < outputs.Count; index++)
                    ListOf(made, outputs.Target(index)).Add(Copy(outputs[index]));
                outputs.Clear();
            }
        }

        return made;
    }

    private static TopicRecord Copy(LogRecord record) => new(
        record.Offset, record.Time.UnixMilliseconds, Encoding.UTF8.GetString(record.Key), record.Headers.ToArray(), record.Value.ToArray());

    private static void Whole(string topic, Dictionary<TopicPartition, List<TopicRecord>> made, Transcript log, List<Finding> findings)
    {
        foreach (var (partition, records) in log.Of(topic))
            findings.AddRange(Compare($"{topic}[{partition}]", made.GetValueOrDefault(new TopicPartition(topic, partition), []), records));
    }

    private static void EachWriter(
        string topic, Dictionary<TopicPartition, List<TopicRecord>> made, Transcript log, Func<TopicRecord, string?> writerOf, List<Finding> findings)
    {
        foreach (var (partition, records) in log.Of(topic))
        {
            var expected = made.GetValueOrDefault(new TopicPartition(topic, partition), []).ToLookup(writerOf);
            var actual = records.ToLookup(writerOf);
            foreach (var writer in expected.Concat(actual).Select(group => group.Key).OfType<string>().Distinct().Order(StringComparer.Ordinal))
                findings.AddRange(Compare($"{topic}[{partition}] of {writer}", [.. expected[writer]], [.. actual[writer]]));
        }
    }

    /// <summary>A topic with writers that nothing in a record tells apart: what others wrote is the business of <see cref="SampleCheck"/>.</summary>
    private static void AtLeast(string topic, Dictionary<TopicPartition, List<TopicRecord>> made, Transcript log, List<Finding> findings)
    {
        foreach (var (partition, records) in log.Of(topic))
        {
            var expected = made.GetValueOrDefault(new TopicPartition(topic, partition), []);
            var own = expected.Select(record => record.Content).ToHashSet();
            findings.AddRange(Compare($"{topic}[{partition}]", expected, [.. records.Where(record => own.Contains(record.Content))], ordered: false));
        }
    }

    private static IEnumerable<Finding> Compare(string what, List<TopicRecord> expected, List<TopicRecord> actual, bool ordered = true) =>
        Sequences.Compare(what, expected, actual, record => record.Content, Show).Where(finding => ordered || finding.Harm != Harm.Reordered);

    private static string Show(TopicRecord record) => FormattableString.Invariant(
        $"offset {record.Offset}, {new EventTime(record.TimeMs)}, key '{record.Key}', {record.Value.Length} bytes");

    /// <summary>The partition of predict that wrote it; null where it was not predict.</summary>
    private string? WriterOfPoolInput(TopicRecord record)
    {
        var message = Wire.PoolInputs.Parser.ParseFrom(record.Value);
        if (message.Tick?.Source == Wire.TickSource.Predict)
            return Writer((int)message.Tick.Index);
        return message.Outlooks is { } outlooks ? Writer(StableHash.Partition(outlooks.VmIds[0], vmPartitions)) : null;
    }

    private static string? WriterOfRequest(TopicRecord record)
    {
        if (!record.IsTick)
            return Writer(int.Parse(record.Key[(record.Key.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture));
        var tick = Wire.Tick.Parser.ParseFrom(record.Value);
        return tick.Source == Wire.TickSource.Predict ? Writer((int)tick.Index) : null;
    }

    private static string Writer(int partition) => FormattableString.Invariant($"predict {partition}");

    private static List<TopicRecord> ListOf(Dictionary<TopicPartition, List<TopicRecord>> made, TopicPartition partition)
    {
        if (!made.TryGetValue(partition, out var records))
            made.Add(partition, records = []);
        return records;
    }
}
