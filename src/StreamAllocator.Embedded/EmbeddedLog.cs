using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.Local;

namespace StreamAllocator.Embedded;

/// <summary>
/// A durable log in one SQLite file, for one process: the log of a machine without Kafka. A commit is one transaction of the database, so a
/// kill at any moment leaves each commit whole or not there.
/// </summary>
public sealed class EmbeddedLog : LocalLog
{
    private readonly FileLock _lock;
    private readonly LogStore _store;
    private readonly int _tailBytes;
    private readonly HashSet<string> _synced;

    private EmbeddedLog(FileLock held, LogStore store, EmbeddedLogOptions options)
    {
        _lock = held;
        _store = store;
        _tailBytes = options.TailBytes;
        _synced = new HashSet<string>(options.SyncedTopics, StringComparer.Ordinal);
        var byNumber = new Dictionary<long, TopicPartition>();
        foreach (var (spec, numbers) in store.Topics().ToList())
        {
            var partitions = Partitions(spec, 0, numbers);
            foreach (var partition in partitions)
                byNumber.Add(partition.Number, partition.Source);
            AddTopic(spec, partitions);
        }

        foreach (var (group, partition, next) in store.Offsets())
            MoveOffsets(group, [new PartitionOffset(byNumber[partition], next)]);
    }

    /// <summary>Commits that were on the disk before they returned, since it was opened.</summary>
    public long SyncedCommits { get; private set; }

    /// <summary>Opens the log in that file, or makes it.</summary>
    /// <exception cref="LogException">Another process has it, or the file cannot be used; the message says why and what to do.</exception>
    public static EmbeddedLog Open(string path, EmbeddedLogOptions? options = null)
    {
        options ??= new EmbeddedLogOptions();
        if (options.Validate().FirstOrDefault() is { } violation)
            throw new ArgumentException(violation, nameof(options));
        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
            throw new LogException($"{path} is a directory: name a file");
        FileLock? held = null;
        LogStore? store = null;
        try
        {
            held = FileLock.Take(path);
            store = LogStore.Open(path, options.MaxFileBytes);
            return new EmbeddedLog(held, store, options);
        }
        catch
        {
            store?.Dispose();
            held?.Dispose();
            throw;
        }
    }

    protected override LocalPartition[] Create(TopicSpec spec) => Partitions(spec, 0, _store.AddTopic(spec));

    protected override LocalPartition[] Extend(TopicSpec spec, int from) =>
        Partitions(spec, from, _store.AddPartitions(spec.Name, spec.Partitions - from));

    protected override void Store(
        IReadOnlyList<PendingRecords> outputs, string? group, IReadOnlyList<PartitionOffset> offsets, CommitSteps steps)
    {
        if (outputs.Count == 0 && offsets.Count == 0)
            return;
        var synced = false;
        for (var i = 0; i < outputs.Count && !synced; i++)
            synced = _synced.Contains(outputs[i].Partition.Source.Topic);
        try
        {
            _store.Write(
                () =>
                {
                    for (var i = 0; i < outputs.Count; i++)
                        ((StoredPartition)outputs[i].Partition).Write(outputs[i]);
                    steps.OutputsWritten();
                    for (var i = 0; i < offsets.Count; i++)
                        _store.MoveOffset(group!, ((StoredPartition)Find(offsets[i].Partition)).Number, offsets[i].Next);
                },
                synced);
        }
        catch
        {
            for (var i = 0; i < outputs.Count; i++)
                ((StoredPartition)outputs[i].Partition).Discard();
            throw;
        }

        SyncedCommits += synced ? 1 : 0;
        for (var i = 0; i < outputs.Count; i++)
            ((StoredPartition)outputs[i].Partition).Apply(outputs[i]);
    }

    protected override void Close()
    {
        _store.Dispose();
        _lock.Dispose();
    }

    private StoredPartition[] Partitions(TopicSpec spec, int from, IReadOnlyList<long> numbers) =>
        [.. numbers.Select((number, index) => new StoredPartition(_store, new TopicPartition(spec.Name, from + index), spec, number, _tailBytes))];
}
