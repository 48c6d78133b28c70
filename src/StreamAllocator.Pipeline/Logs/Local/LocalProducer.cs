namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>A producer of a <see cref="LocalLog"/>: packs what is sent, by partition, until the commit hands it over.</summary>
internal sealed class LocalProducer(LocalLog log, string transactionalId, int epoch) : ILogProducer
{
    private readonly Dictionary<string, PendingRecords?[]> _byTopic = new(StringComparer.Ordinal);
    private readonly List<PendingRecords> _pending = [];
    private string? _lastTopic;
    private PendingRecords?[] _lastSlots = [];
    private bool _disposed;

    public string TransactionalId { get; } = transactionalId;

    public int Epoch { get; } = epoch;

    public void Send(OutputBatch outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (var i = 0; i < outputs.Count; i++)
        {
            var pending = Slot(outputs.Target(i));
            if (pending.Count == 0)
                _pending.Add(pending);
            pending.Add(outputs[i]);
        }
    }

    public void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (consumer is null ? offsets.Count > 0 : consumer is not LocalConsumer { Member: not null } local || local.Log != log)
            throw new ArgumentException("offsets move on behalf of a member of a group of this log", nameof(consumer));
        try
        {
            log.Commit(this, (consumer as LocalConsumer)?.Member, _pending, offsets);
        }
        finally
        {
            Abort();
        }
    }

    public void Abort()
    {
        foreach (var pending in _pending)
            pending.Clear();
        _pending.Clear();
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _pending.Clear();
        foreach (var slots in _byTopic.Values)
        {
            foreach (var pending in slots)
                pending?.Dispose();
        }
    }

    private PendingRecords Slot(TopicPartition target)
    {
        if (!ReferenceEquals(target.Topic, _lastTopic))
        {
            if (!_byTopic.TryGetValue(target.Topic, out var slots))
                _byTopic.Add(target.Topic, slots = new PendingRecords?[log.PartitionsOf(target.Topic).Length]);
            _lastTopic = target.Topic;
            _lastSlots = slots;
        }

        if ((uint)target.Partition >= (uint)_lastSlots.Length)
            throw new LogException($"{target} does not exist: the topic has {_lastSlots.Length} partitions");
        return _lastSlots[target.Partition] ??= new PendingRecords(log.PartitionsOf(target.Topic)[target.Partition]);
    }
}
