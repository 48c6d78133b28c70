using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Cli.Runs;

/// <summary>Takes records of some topics from a log in memory, as they are committed there, into the same topics of another log. Belongs to one thread.</summary>
internal sealed class Pour : IDisposable
{
    /// <summary>Bytes that one commit takes: a broker's transaction should not be long.</summary>
    private const int LargestCommit = 4 << 20;

    private readonly ILogProducer _producer;
    private readonly OutputBatch _waiting = new();
    private readonly SortedDictionary<string, long> _records = new(StringComparer.Ordinal);

    public Pour(InMemoryLog from, IEventLog to, string transactionalId, IEnumerable<string> topics)
    {
        _producer = to.OpenProducer(transactionalId);
        foreach (var topic in topics)
        {
            _records.Add(topic, 0);
            from.Tap(topic, Take);
        }
    }

    /// <summary>Records taken of each topic.</summary>
    public IReadOnlyDictionary<string, long> Records => _records;

    /// <summary>Commits what waits, once it is enough for a commit.</summary>
    public void Flush(bool all = false)
    {
        if (_waiting.Count == 0 || (!all && _waiting.ByteCount < LargestCommit))
            return;
        _producer.Send(_waiting);
        _producer.Commit(null, []);
        _waiting.Clear();
    }

    public void Dispose()
    {
        _producer.Dispose();
        _waiting.Dispose();
    }

    private void Take(TopicPartition source, in LogRecord record)
    {
        _waiting.Append(source, record.Time, record.Key, record.Headers, record.Value);
        _records[source.Topic]++;
    }
}
