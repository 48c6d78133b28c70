using System.Diagnostics;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

/// <summary>
/// What every <see cref="IEventLog"/> keeps to; one derived class per implementation. The tests assume no more than Kafka gives: offsets may
/// have gaps, what was committed may take a while to reach a reader (so they poll until a deadline), topics and groups outlive a test (so
/// each takes names of its own), clean-up happens some time.
/// </summary>
public abstract partial class EventLogContract : IDisposable
{
    private readonly string _run = Guid.NewGuid().ToString("N")[..12];
    private readonly List<IDisposable> _opened = [];
    private IEventLog? _log;
    private ILogProducer? _writer;
    private int _names;

    /// <summary>How long a test waits for what must come.</summary>
    protected virtual TimeSpan Deadline => TimeSpan.FromSeconds(30);

    /// <summary>How long it looks out for what must not come.</summary>
    protected virtual TimeSpan Moment => TimeSpan.FromMilliseconds(50);

    protected IEventLog Log => _log ??= Open();

    /// <summary>A log for this test.</summary>
    protected abstract IEventLog Open();

    /// <summary>
    /// The same log as a process finds it that starts after the one before was killed: no consumer or producer of before was closed.
    /// </summary>
    protected abstract IEventLog Reopen(IEventLog log);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var opened in Enumerable.Reverse(_opened))
            opened.Dispose();
        _log?.Dispose();
    }

    private void Restart()
    {
        _log = Reopen(Log);
        _opened.Clear();
        _writer = null;
    }

    private string Name(string kind) => $"{kind}-{_run}-{++_names}";

    private string Topic(int partitions = 1, CleanUp cleanUp = CleanUp.Delete, TimeSpan? retention = null)
    {
        var name = Name("topic");
        Log.CreateTopics([new TopicSpec(name, partitions, cleanUp, retention)]);
        return name;
    }

    private ILogProducer Producer(string? id = null) => Opened(Log.OpenProducer(id ?? Name("producer")));

    private ILogConsumer Member(string group, string name, params string[] topics) => Opened(Log.Join(group, name, topics));

    private ILogConsumer Reader(string topic, int partitions = 1) =>
        Opened(Log.Read([.. Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition))]));

    private T Opened<T>(T opened)
        where T : IDisposable
    {
        _opened.Add(opened);
        return opened;
    }

    private static void Send(ILogProducer producer, string topic, params ReadOnlySpan<(int Partition, string Key, string Value)> records)
    {
        using var outputs = new OutputBatch();
        foreach (var (partition, key, value) in records)
            Append(outputs, topic, partition, 1_000, key, value);
        producer.Send(outputs);
    }

    private static void Append(OutputBatch outputs, string topic, int partition, long time, string key, string value) =>
        outputs.Append(
            new TopicPartition(topic, partition), new EventTime(time), Encoding.UTF8.GetBytes(key), default, Encoding.UTF8.GetBytes(value));

    private void Write(string topic, params ReadOnlySpan<(int Partition, string Key, string Value)> records)
    {
        _writer ??= Producer();
        Send(_writer, topic, records);
        _writer.Commit(null, []);
    }

    /// <summary>Polls until so many records have come.</summary>
    private List<SeenRecord> Take(ILogConsumer consumer, int count, int maxRecords = 1000)
    {
        var seen = new List<SeenRecord>();
        using var batch = new RecordBatch();
        Until(
            () =>
            {
                if (consumer.Poll(batch, maxRecords, Moment) == PollOutcome.Records)
                    seen.AddRange(SeenRecord.Of(batch));
                return seen.Count >= count;
            },
            () => $"{count} records; {seen.Count} came");
        return seen;
    }

    /// <summary>Everything in a topic up to its ends of now, in the order of each partition.</summary>
    private List<SeenRecord> ReadAll(string topic, int partitions = 1)
    {
        using var consumer = Log.Read([.. Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition))]);
        var open = consumer.Assignment.ToHashSet();
        var marker = Name("marker");
        foreach (var source in open)
            Write(topic, (source.Partition, marker, marker));
        var seen = new List<SeenRecord>();
        using var batch = new RecordBatch();
        Until(
            () =>
            {
                if (consumer.Poll(batch, 1000, Moment) == PollOutcome.Records)
                    seen.AddRange(SeenRecord.Of(batch));
                open.ExceptWith(seen.Where(record => record.Key == marker).Select(record => record.Source));
                return open.Count == 0;
            },
            () => $"the ends of {string.Join(", ", open)}");
        seen.RemoveAll(record => record.Key.StartsWith("marker-", StringComparison.Ordinal));
        return seen;
    }

    private IReadOnlyList<TopicPartition> Settle(ILogConsumer consumer, int partitions)
    {
        using var batch = new RecordBatch();
        Until(
            () =>
            {
                if (consumer.Assignment.Count == partitions)
                    return true;
                Assert.NotEqual(PollOutcome.Records, consumer.Poll(batch, 1, Moment));
                return false;
            },
            () => $"{partitions} partitions to be assigned; {consumer.Assignment.Count} are");
        return consumer.Assignment;
    }

    private void Until(Func<bool> done, Func<string> what)
    {
        var clock = Stopwatch.StartNew();
        while (!done())
            Assert.True(clock.Elapsed < Deadline, $"waited {Deadline.TotalSeconds:0} s for {what()}");
    }
}
