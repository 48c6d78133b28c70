using System.Buffers;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// Snapshots as files, the newest two of each task. A file is written aside, synced, then renamed.
/// A damaged, foreign or half-written file is passed over: the one before it, or the beginning of the log, serves as well.
/// </summary>
public sealed class SnapshotFolder : ISnapshots
{
    private const string Extension = ".snapshot";
    private const int Kept = 2;
    private const int BlockBytes = 1 << 20;

    private readonly string _folder;

    public SnapshotFolder(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    public void Write(ILogProducer producer, string group, TopicPartition partition, long next, string fingerprint, Action<IBufferWriter<byte>> save)
    {
        var prefix = Prefix(group, partition);
        var path = Path.Combine(_folder, $"{prefix}{next:D20}{Extension}");
        var aside = path + ".tmp";
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            Snapshot.Encode(next, fingerprint, save, BlockBytes, block => file.Write(block));
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
        foreach (var old in Files(prefix).Skip(Kept))
            File.Delete(old);
    }

    public Snapshot? Newest(string group, TopicPartition partition, string fingerprint, long committed)
    {
        foreach (var path in Files(Prefix(group, partition)))
        {
            if (Snapshot.Decode(File.ReadAllBytes(path)) is { } snapshot && snapshot.Fingerprint == fingerprint && snapshot.Next <= committed)
                return snapshot;
        }

        return null;
    }

    /// <summary>Newest first: the offset in the name has a fixed width.</summary>
    private IEnumerable<string> Files(string prefix) =>
        Directory.EnumerateFiles(_folder, prefix + "*" + Extension).OrderByDescending(path => path, StringComparer.Ordinal);

    private static string Prefix(string group, TopicPartition partition) => $"{group}-{partition.Topic}-{partition.Partition}-";
}
