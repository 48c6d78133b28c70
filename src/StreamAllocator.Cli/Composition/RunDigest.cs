using StreamAllocator.Cli.Records;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Composition;

/// <summary>One SHA-256 per output topic of a run.</summary>
internal sealed class RunDigest(Topics topics, Stage until = Stage.Allocations) : IDisposable
{
    private readonly (string Name, TopicDigest Digest)[] _outputs =
        [.. until.Outputs(topics).Select(name => (name, new TopicDigest()))];

    public IEnumerable<string> TopicNames => _outputs.Select(output => output.Name);

    public TopicDigest Of(string topic) => Array.Find(_outputs, output => output.Name == topic).Digest;

    /// <summary>Reads the topics from their beginning.</summary>
    public void AddAll(IEventLog log, CancellationToken cancellation)
    {
        foreach (var spec in log.Topics().Where(spec => TopicNames.Contains(spec.Name)))
        {
            var digest = Of(spec.Name);
            TopicReader.Read(
                log, spec, from: null, follow: false,
                (_, in record) =>
                {
                    digest.Add(record);
                    return true;
                },
                cancellation);
        }
    }

    /// <summary>Topic without its prefix, records with a key, digest.</summary>
    public IEnumerable<(string Topic, long Records, string Digest)> Results() => _outputs.Select(output =>
        (output.Name[(output.Name.LastIndexOf('.') + 1)..], output.Digest.Records, output.Digest.Result()));

    public void Dispose()
    {
        foreach (var (_, digest) in _outputs)
            digest.Dispose();
    }
}
