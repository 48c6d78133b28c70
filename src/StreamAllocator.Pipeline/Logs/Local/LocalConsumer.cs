namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>A consumer of a <see cref="LocalLog"/>: a member of a group, or a reader without one.</summary>
internal sealed class LocalConsumer(LocalLog log, string name, GroupMember? member, IEnumerable<PartitionReader> readers) : ILogConsumer
{
    private readonly object _signal = new();
    private readonly List<PartitionReader> _readers = [.. readers];
    private TopicPartition[]? _assignment;
    private bool _awake;
    private int _turn;
    private bool _disposed;

    public string Name { get; } = name;

    public GroupMember? Member { get; } = member;

    internal LocalLog Log => log;

    public IReadOnlyList<TopicPartition> Assignment => _assignment ??= [.. _readers.Select(reader => reader.Partition.Source)];

    public PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        batch.Clear();
        if (TryPoll(batch, maxRecords, wait != TimeSpan.Zero) is { } outcome)
            return outcome;
        lock (_signal)
        {
            if (!_awake)
                Monitor.Wait(_signal, wait);
        }

        return TryPoll(batch, maxRecords, false) ?? PollOutcome.Idle;
    }

    public long Position(TopicPartition partition)
    {
        lock (log.Gate)
        {
            return Find(partition).Next;
        }
    }

    public bool IsAtEnd(TopicPartition partition)
    {
        lock (log.Gate)
        {
            var reader = Find(partition);
            return reader.Next >= reader.Partition.EndOffset;
        }
    }

    public void Seek(TopicPartition partition, long offset)
    {
        lock (log.Gate)
        {
            var reader = Find(partition);
            if (offset < 0 || offset > reader.Partition.EndOffset)
            {
                throw new LogException(
                    $"{partition} ends at offset {reader.Partition.EndOffset}, {offset} was asked for: is this the log that the offset came from?");
            }

            reader.Seek(offset);
        }
    }

    public void Pause(TopicPartition partition)
    {
        lock (log.Gate)
        {
            Find(partition).Paused = true;
        }
    }

    public void Resume(TopicPartition partition)
    {
        lock (log.Gate)
        {
            Find(partition).Paused = false;
        }
    }

    public void Dispose()
    {
        lock (log.Gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (var reader in _readers)
                reader.Dispose();
            _readers.Clear();
            _assignment = [];
            if (Member is null)
                return;
            log.Groups.Leave(Member);
            log.WakeAll();
        }
    }

    /// <summary>Ends a wait; called under the log's lock.</summary>
    public void Wake()
    {
        lock (_signal)
        {
            _awake = true;
            Monitor.Pulse(_signal);
        }
    }

    public bool Wants(IReadOnlyList<PendingRecords> outputs)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            foreach (var reader in _readers)
            {
                if (reader.Partition == outputs[i].Partition && !reader.Paused)
                    return true;
            }
        }

        return false;
    }

    private PollOutcome? TryPoll(RecordBatch batch, int maxRecords, bool waits)
    {
        lock (log.Gate)
        {
            log.ThrowIfDisposed();
            ObjectDisposedException.ThrowIf(_disposed, this);
            var plan = log.PlanPoll(this, maxRecords);
            if (plan.HandOver && Member is not null)
                log.Groups.Evict(Member);
            if (Member is not null && log.Groups.Sync(Member))
            {
                log.WakeAll();
                if (Settle(Member))
                    return PollOutcome.AssignmentChanged;
            }

            if (plan.Delayed)
                return PollOutcome.Idle;
            if (Fill(batch, plan.MaxRecords))
                return PollOutcome.Records;
            if (waits)
            {
                _awake = false;
                log.Await(this);
            }
            else
            {
                log.Forget(this);
            }

            return null;
        }
    }

    private bool Fill(RecordBatch batch, int maxRecords)
    {
        for (var tried = 0; tried < _readers.Count; tried++)
        {
            _turn = _turn + 1 < _readers.Count ? _turn + 1 : 0;
            var reader = _readers[_turn];
            if (!reader.HasMore)
                continue;
            batch.Reset(reader.Partition.Source);
            reader.Partition.Read(reader, batch, maxRecords);
            if (batch.Count > 0)
                return true;
        }

        return false;
    }

    private bool Settle(GroupMember owner)
    {
        var changed = false;
        for (var i = _readers.Count - 1; i >= 0; i--)
        {
            if (owner.Owned.Contains(_readers[i].Partition.Source))
                continue;
            _readers[i].Dispose();
            _readers.RemoveAt(i);
            changed = true;
        }

        foreach (var partition in owner.Owned)
        {
            if (_readers.Exists(reader => reader.Partition.Source == partition))
                continue;
            var found = log.Find(partition);
            _readers.Add(new PartitionReader(found, log.StartOf(owner, found)));
            changed = true;
        }

        _readers.Sort((left, right) => left.Partition.Source.CompareTo(right.Partition.Source));
        _assignment = null;
        return changed;
    }

    private PartitionReader Find(TopicPartition partition) =>
        _readers.Find(reader => reader.Partition.Source == partition)
        ?? throw new InvalidOperationException($"{partition} is not assigned to {Name}");
}
