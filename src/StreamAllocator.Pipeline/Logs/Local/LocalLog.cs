using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>
/// A log within one process: groups, transactions and waiting, which the in-memory and the embedded log share. Derived classes keep the
/// records. Everything happens under one lock; a commit is one step under it, so no reader ever meets half of one.
/// </summary>
public abstract class LocalLog : IEventLog
{
    private readonly SortedDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<TopicPartition, long>> _committed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _epochs = new(StringComparer.Ordinal);
    private readonly List<LocalConsumer> _waiting = [];
    private int _appenders;
    private bool _disposed;

    internal object Gate { get; } = new();

    internal GroupCoordinator Groups { get; } = new();

    public void CreateTopics(IReadOnlyCollection<TopicSpec> topics)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            foreach (var spec in topics)
            {
                spec.Validate();
                if (_topics.TryGetValue(spec.Name, out var there) && there.Partitions.Length != spec.Partitions)
                {
                    throw new LogException(
                        $"topic {spec.Name} has {there.Partitions.Length} partitions, {spec.Partitions} were asked for: the partitions of a topic cannot change");
                }
            }

            foreach (var spec in topics)
            {
                if (!_topics.ContainsKey(spec.Name))
                    AddTopic(spec, Create(spec));
            }
        }
    }

    public void AddPartitions(string topic, int partitions)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            var there = Find(topic);
            if (partitions < there.Partitions.Length)
                throw new LogException($"topic {topic} has {there.Partitions.Length} partitions, {partitions} were asked for: partitions cannot be taken away");
            if (partitions == there.Partitions.Length)
                return;
            var spec = there.Spec with { Partitions = partitions };
            _topics[topic] = new Topic(spec, [.. there.Partitions, .. Extend(spec, there.Partitions.Length)]);
        }
    }

    public IReadOnlyList<TopicSpec> Topics()
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            return [.. _topics.Values.Select(topic => topic.Spec)];
        }
    }

    public ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            var joined = Groups.Join(group, member, topics.ToDictionary(topic => topic, topic => Find(topic).Partitions.Length));
            WakeAll();
            return new LocalConsumer(this, $"{group}/{member}", joined, []);
        }
    }

    public IReadOnlyList<string> Members(string group)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            return Groups.Members(group);
        }
    }

    public ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            var readers = partitions.Order().Select(Find).Select(partition => new PartitionReader(partition, partition.BeginOffset));
            return new LocalConsumer(this, "reader", null, readers);
        }
    }

    public ILogProducer OpenProducer(string transactionalId)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            var epoch = _epochs.GetValueOrDefault(transactionalId) + 1;
            _epochs[transactionalId] = epoch;
            return new LocalProducer(this, transactionalId, epoch);
        }
    }

    public ILogAppender OpenAppender(string name) => new LocalAppender(this, OpenProducer($"{name}#{Interlocked.Increment(ref _appenders)}"));

    public long? Committed(string group, TopicPartition partition)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            Find(partition);
            return CommittedOffset(group, partition);
        }
    }

    public long BeginOffset(TopicPartition partition)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            return Find(partition).BeginOffset;
        }
    }

    public long EndOffset(TopicPartition partition)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            return Find(partition).EndOffset;
        }
    }

    public long OffsetAt(TopicPartition partition, EventTime time)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            return Find(partition).OffsetAt(time);
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            WakeAll();
            Close();
        }

        GC.SuppressFinalize(this);
    }

    protected internal LocalPartition Find(TopicPartition partition)
    {
        var topic = Find(partition.Topic);
        if ((uint)partition.Partition >= (uint)topic.Partitions.Length)
            throw new LogException($"{partition} does not exist: the topic has {topic.Partitions.Length} partitions");
        return topic.Partitions[partition.Partition];
    }

    internal LocalPartition[] PartitionsOf(string topic)
    {
        lock (Gate)
        {
            return Find(topic).Partitions;
        }
    }

    internal void Commit(
        LocalProducer producer, GroupMember? member, IReadOnlyList<PendingRecords> outputs, IReadOnlyList<PartitionOffset> offsets)
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            ReachStep(CommitStep.Begun, producer.TransactionalId, member);
            if (_epochs[producer.TransactionalId] != producer.Epoch)
                throw new LogFencedException($"another producer took the transactional id {producer.TransactionalId}: nothing was committed");
            if (member is not null)
                GroupCoordinator.Check(member, offsets);
            Store(outputs, member?.Group, offsets, new CommitSteps(this, producer.TransactionalId, member));
            if (member is not null)
                MoveOffsets(member.Group, offsets);
            Wake(outputs);
            AfterCommit(outputs, offsets);
            ReachStep(CommitStep.Applied, producer.TransactionalId, member);
        }
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    internal void Await(LocalConsumer consumer) => _waiting.Add(consumer);

    internal void Forget(LocalConsumer consumer) => _waiting.Remove(consumer);

    internal void WakeAll()
    {
        foreach (var consumer in _waiting)
            consumer.Wake();
        _waiting.Clear();
    }

    /// <summary>How a poll goes; the in-memory log injects faults here. Called under the lock.</summary>
    internal virtual PollPlan PlanPoll(LocalConsumer consumer, int maxRecords) => new(maxRecords, false, false);

    /// <summary>Makes room for a topic that does not exist yet.</summary>
    protected abstract LocalPartition[] Create(TopicSpec spec);

    /// <summary>Makes room for the partitions of a topic from number <paramref name="from"/> on; those before it are there.</summary>
    protected abstract LocalPartition[] Extend(TopicSpec spec, int from);

    /// <summary>
    /// Writes outputs and offsets, both or neither, calling <see cref="CommitSteps.OutputsWritten"/> between the two; where it throws,
    /// nothing is written.
    /// </summary>
    protected abstract void Store(
        IReadOnlyList<PendingRecords> outputs, string? group, IReadOnlyList<PartitionOffset> offsets, CommitSteps steps);

    /// <summary>Runs once a commit has taken effect, before its answer: clean-up in small portions.</summary>
    protected virtual void AfterCommit(IReadOnlyList<PendingRecords> outputs, IReadOnlyList<PartitionOffset> offsets)
    {
    }

    /// <summary>A commit has come so far; the in-memory log injects faults here.</summary>
    internal virtual void ReachStep(CommitStep step, string transactionalId, GroupMember? member)
    {
    }

    protected virtual void Close()
    {
    }

    /// <summary>Makes a topic known that the store holds.</summary>
    protected void AddTopic(TopicSpec spec, LocalPartition[] partitions) => _topics.Add(spec.Name, new Topic(spec, partitions));

    /// <summary>Takes note of group offsets that the store holds.</summary>
    protected void MoveOffsets(string group, IReadOnlyList<PartitionOffset> offsets)
    {
        if (!_committed.TryGetValue(group, out var committed))
            _committed.Add(group, committed = []);
        for (var i = 0; i < offsets.Count; i++)
            committed[offsets[i].Partition] = offsets[i].Next;
    }

    protected long? CommittedOffset(string group, TopicPartition partition) =>
        _committed.TryGetValue(group, out var committed) && committed.TryGetValue(partition, out var next) ? next : null;

    /// <summary>The least offset that a group subscribed to the partition goes on at; null where one of them, or none, has committed.</summary>
    protected long? LowestCommitted(TopicPartition partition)
    {
        long? lowest = null;
        foreach (var group in Groups.Subscribed(partition.Topic))
        {
            if (CommittedOffset(group, partition) is not { } next)
                return null;
            lowest = Math.Min(lowest ?? next, next);
        }

        return lowest;
    }

    internal long StartOf(GroupMember member, LocalPartition partition) =>
        CommittedOffset(member.Group, partition.Source) ?? partition.BeginOffset;

    private void Wake(IReadOnlyList<PendingRecords> outputs)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            if (!_waiting[i].Wants(outputs))
                continue;
            _waiting[i].Wake();
            _waiting.RemoveAt(i);
        }
    }

    private Topic Find(string topic) => _topics.TryGetValue(topic, out var found)
        ? found
        : throw new LogException($"topic {topic} does not exist: create it first");

    private sealed record Topic(TopicSpec Spec, LocalPartition[] Partitions);
}

/// <summary>By which a store says how far a commit has come.</summary>
public readonly struct CommitSteps
{
    private readonly LocalLog _log;
    private readonly string _transactionalId;
    private readonly GroupMember? _member;

    internal CommitSteps(LocalLog log, string transactionalId, GroupMember? member) =>
        (_log, _transactionalId, _member) = (log, transactionalId, member);

    public void OutputsWritten() => _log.ReachStep(CommitStep.OutputsWritten, _transactionalId, _member);
}

internal enum CommitStep
{
    Begun,
    OutputsWritten,
    Applied,
}

/// <param name="MaxRecords">At least 1.</param>
/// <param name="Delayed">There is nothing this time, whatever there is.</param>
/// <param name="HandOver">The member loses everything it has.</param>
internal readonly record struct PollPlan(int MaxRecords, bool Delayed, bool HandOver);
