using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Ingest.Agent;

/// <summary>
/// The samples of a buffer, in a log of its own: a sample's offset is its number, a group's offset says up to where they are published, and
/// retention bounds them. With an embedded log that syncs <see cref="Topics"/> each sample is on the disk once it is added. Belongs to one thread.
/// </summary>
internal sealed class SampleStore : IDisposable
{
    private const string Samples = "samples";
    private const string SourceName = "source";
    private const string Group = "published";

    private readonly TopicPartition _samples = new(Samples, 0);
    private readonly IEventLog _log;
    private readonly ILogProducer _producer;
    private readonly ILogConsumer _consumer;
    private readonly OutputBatch _added = new();
    private readonly RecordBatch _read = new();
    private long _expected;

    /// <param name="capacity">Samples that it holds; beyond them the oldest go. An existing one keeps what it was made with.</param>
    public SampleStore(IEventLog log, int capacity)
    {
        _log = log;
        // A sample is dated by its number, so that the retention counts samples and no clock that jumps can empty the buffer.
        log.CreateTopics([new TopicSpec(Samples, 1, CleanUp.Delete, TimeSpan.FromMilliseconds(capacity)), new TopicSpec(SourceName, 1)]);
        _producer = log.OpenProducer("agent");
        Source = FindSource() ?? BeginSource();
        _consumer = log.Join(Group, "agent", [Samples]);
        _consumer.Poll(_read, 1, TimeSpan.Zero);
        _expected = log.Committed(Group, _samples) ?? 0;
        Published = _expected;
    }

    /// <summary>All that must be on the disk.</summary>
    public static IReadOnlyCollection<string> Topics { get; } = [Samples, SourceName];

    /// <summary>Name of who numbers: it lives as long as the samples do, and a buffer that was lost begins with another.</summary>
    public string Source { get; }

    /// <summary>How many of its samples are published, or given up.</summary>
    public long Published { get; private set; }

    /// <summary>How many it has numbered.</summary>
    public long Added => _log.EndOffset(_samples);

    /// <summary>How many wait.</summary>
    public long Waiting => Added - Published;

    /// <summary>Samples that went unpublished, since it was full.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Adds samples, all or none.</summary>
    /// <exception cref="LogException">None was added; or, of unknown outcome, open the store anew.</exception>
    public void Add(IEnumerable<BufferedSample> samples)
    {
        _added.Clear();
        var number = Added;
        Span<byte> time = stackalloc byte[sizeof(long)];
        foreach (var sample in samples)
        {
            BinaryPrimitives.WriteInt64LittleEndian(time, sample.Time.UnixMilliseconds);
            _added.Append(_samples, new EventTime(number++), time, default, sample.Fields);
        }

        _producer.Send(_added);
        _producer.Commit(null, []);
    }

    /// <summary>The one after those that were read; null where there is none.</summary>
    public BufferedSample? Read()
    {
        if (_consumer.Poll(_read, 1, TimeSpan.Zero) != PollOutcome.Records)
            return null;
        var record = _read[0];
        GivenUp += record.Offset - _expected;
        _expected = record.Offset + 1;
        return new BufferedSample((ulong)_expected, new EventTime(BinaryPrimitives.ReadInt64LittleEndian(record.Key)), record.Value.ToArray());
    }

    /// <summary>The sample and all before it are published.</summary>
    public void CrossOff(BufferedSample sample)
    {
        Published = (long)sample.Number;
        _producer.Commit(_consumer, [new PartitionOffset(_samples, Published)]);
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _producer.Dispose();
        _added.Dispose();
        _read.Dispose();
        _log.Dispose();
    }

    private string? FindSource()
    {
        string? found = null;
        CommittedRecords.Read(_log, new TopicPartition(SourceName, 0), 0, (in record) =>
        {
            found = Encoding.UTF8.GetString(record.Value);
            return false;
        });
        return found;
    }

    private string BeginSource()
    {
        var source = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _added.Append(new TopicPartition(SourceName, 0), new EventTime(0), "source"u8, default, Encoding.UTF8.GetBytes(source));
        _producer.Send(_added);
        _producer.Commit(null, []);
        return source;
    }
}
