using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Composition;

/// <summary>A line beside the log file that says which demo it holds: another demand, or a live allocator, must not be gone on with.</summary>
internal static class DemoMark
{
    public static string? PathOf(LogAddress log) => log.Path is null ? null : log.Path + ".demo";

    /// <summary>A demo's log is for demos only.</summary>
    /// <exception cref="UsageException">The log holds a demo.</exception>
    public static void Refuse(LogAddress address, string flag)
    {
        if (PathOf(address) is { } mark && File.Exists(mark))
            throw new UsageException($"{flag} file:{address.Path}: it holds {File.ReadAllText(mark)}. Use another {flag}");
    }

    /// <summary>Marks a new log, and clears what an earlier log of the same name left; checks a log that has been used.</summary>
    /// <exception cref="UsageException">The log holds something else.</exception>
    public static void Check(LogAddress address, IEventLog log, Topics topics, string demo)
    {
        if (PathOf(address) is not { } mark)
            return;
        if (log.EndOffset(new TopicPartition(topics.PoolInputs, 0)) == 0)
        {
            if (Directory.Exists(address.SnapshotFolder))
                Directory.Delete(address.SnapshotFolder, recursive: true);
            File.WriteAllText(mark, demo);
            return;
        }

        var found = File.Exists(mark) ? File.ReadAllText(mark) : "an allocator that is no demo";
        if (found != demo)
            throw new UsageException($"--log file:{address.Path}: it holds {found}; asked for was {demo}. Use another --log, or delete the file");
    }
}
