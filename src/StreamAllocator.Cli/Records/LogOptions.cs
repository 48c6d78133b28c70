using System.CommandLine;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Records;

/// <summary>The flags that say which log, and which of its topics. Each command has its own pair.</summary>
internal sealed class LogOptions
{
    private readonly Option<string> _log = new("--log")
    {
        Description = "file:PATH (one process at a time may have the file open) or kafka:HOST:PORT[,HOST:PORT...].",
        DefaultValueFactory = _ => LogAddress.Default,
    };

    private readonly Option<string> _prefix = new("--prefix")
    {
        Description = "What the names of the topics begin with.",
        DefaultValueFactory = _ => Topics.DefaultPrefix,
    };

    public void AddTo(Command command)
    {
        command.Add(_log);
        command.Add(_prefix);
    }

    public string Prefix(ParseResult parsed) => parsed.GetRequiredValue(_prefix);

    public LogAddress Address(ParseResult parsed) => LogAddress.Parse(parsed.GetRequiredValue(_log));

    /// <summary>As <see cref="Open"/>, for what adds to the log.</summary>
    /// <exception cref="UsageException">The log holds a demo, whose simulated world would not know what was added.</exception>
    public IEventLog OpenToAdd(ParseResult parsed, bool mayCreate = false)
    {
        DemoMark.Refuse(Address(parsed), "--log");
        return Open(parsed, mayCreate);
    }

    /// <param name="mayCreate">Otherwise a file that does not exist is an error.</param>
    public IEventLog Open(ParseResult parsed, bool mayCreate = false)
    {
        var address = Address(parsed);
        return mayCreate && address.Path is not null ? address.Open(syncedTopics: [], dropConsumed: false) : address.OpenExisting();
    }
}
