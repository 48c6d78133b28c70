using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Records;

/// <summary>Topics as files of JSON lines in a folder, one a topic, ticks left out. A failing disk is told when it is closed, for a tap may not throw.</summary>
internal sealed class TopicExport : IDisposable
{
    private readonly Dictionary<string, StreamWriter> _files = new(StringComparer.Ordinal);
    private IOException? _failure;

    public TopicExport(DirectoryInfo folder, IEnumerable<string> topics)
    {
        folder.Create();
        foreach (var topic in topics)
            _files.Add(topic, new StreamWriter(Path.Combine(folder.FullName, topic + ".jsonl")));
    }

    public void Add(TopicPartition source, in LogRecord record)
    {
        if (record.Headers.SequenceEqual(SchemaHeaders.Tick) || _failure is not null)
            return;
        try
        {
            _files[source.Topic].WriteLine(RecordJson.Line(source, record));
        }
        catch (IOException exception)
        {
            _failure = exception;
        }
    }

    /// <summary>Reads the topics from their beginning.</summary>
    public void AddAll(IEventLog log, CancellationToken cancellation)
    {
        foreach (var topic in log.Topics().Where(topic => _files.ContainsKey(topic.Name)))
        {
            TopicReader.Read(
                log, topic, from: null, follow: false,
                (source, in record) =>
                {
                    Add(source, record);
                    return true;
                },
                cancellation);
        }
    }

    /// <exception cref="IOException">A file could not be written.</exception>
    public void Close()
    {
        foreach (var file in _files.Values)
            file.Flush();
        if (_failure is not null)
            throw new IOException(_failure.Message, _failure);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }
}
