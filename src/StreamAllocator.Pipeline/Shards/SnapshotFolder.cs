using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// Snapshots as files, the newest two of each task. A file is written aside, synced, then renamed; it begins with the SHA-256 of the rest.
/// A damaged, foreign or half-written file is passed over: the one before it, or the beginning of the log, serves as well.
/// </summary>
public sealed class SnapshotFolder
{
    private const string Extension = ".snapshot";
    private const int Kept = 2;

    private readonly string _folder;

    public SnapshotFolder(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    public void Write(string group, TopicPartition partition, Snapshot snapshot)
    {
        var prefix = Prefix(group, partition);
        var path = Path.Combine(_folder, $"{prefix}{snapshot.Next:D20}{Extension}");
        var aside = path + ".tmp";
        var fingerprint = Encoding.UTF8.GetBytes(snapshot.Fingerprint);
        var body = new byte[12 + fingerprint.Length + snapshot.State.Length];
        BinaryPrimitives.WriteInt64LittleEndian(body, snapshot.Next);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), fingerprint.Length);
        fingerprint.CopyTo(body, 12);
        snapshot.State.CopyTo(body, 12 + fingerprint.Length);
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            file.Write(SHA256.HashData(body));
            file.Write(body);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
        foreach (var old in Files(prefix).Skip(Kept))
            File.Delete(old);
    }

    /// <summary>The newest snapshot that is whole, has this fingerprint and does not lie beyond the committed offset; null if there is none.</summary>
    public Snapshot? Newest(string group, TopicPartition partition, string fingerprint, long committed)
    {
        foreach (var path in Files(Prefix(group, partition)))
        {
            if (Read(path) is { } snapshot && snapshot.Fingerprint == fingerprint && snapshot.Next <= committed)
                return snapshot;
        }

        return null;
    }

    private static Snapshot? Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        const int Head = SHA256.HashSizeInBytes + 12;
        if (bytes.Length < Head || !SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes)))
            return null;
        var next = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(SHA256.HashSizeInBytes));
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(SHA256.HashSizeInBytes + 8));
        return new Snapshot(next, Encoding.UTF8.GetString(bytes, Head, length), bytes[(Head + length)..]);
    }

    /// <summary>Newest first: the offset in the name has a fixed width.</summary>
    private IEnumerable<string> Files(string prefix) =>
        Directory.EnumerateFiles(_folder, prefix + "*" + Extension).OrderByDescending(path => path, StringComparer.Ordinal);

    private static string Prefix(string group, TopicPartition partition) => $"{group}-{partition.Topic}-{partition.Partition}-";
}
