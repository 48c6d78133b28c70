using StreamAllocator.Pipeline.Conformance;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Embedded.Tests;

public sealed class EmbeddedLogContractTests : EventLogContract
{
    private readonly TemporaryFolder _folder = new();
    private int _files;

    protected override IEventLog Open() => EmbeddedLog.Open(_folder.File("log-0.db"));

    // What a kill leaves: the files as they are while the log is open, without its closing checkpoint.
    protected override IEventLog Reopen(IEventLog log)
    {
        var killed = _folder.File($"log-{_files++}.db");
        var found = _folder.File($"log-{_files}.db");
        foreach (var suffix in new[] { "", "-wal" })
            File.Copy(killed + suffix, found + suffix);
        log.Dispose();
        return EmbeddedLog.Open(found);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}

/// <summary>The same without anything kept in memory, so that almost every read goes to the file.</summary>
public sealed class EmbeddedLogWithoutTailContractTests : EventLogContract
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("log.db");

    protected override IEventLog Open() => EmbeddedLog.Open(Path, new EmbeddedLogOptions { TailBytes = 0 });

    protected override IEventLog Reopen(IEventLog log)
    {
        log.Dispose();
        return Open();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}
