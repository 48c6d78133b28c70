using StreamAllocator.Pipeline.Logs.Local;

namespace StreamAllocator.Pipeline.Logs.InMemory;

/// <summary>Sees a committed record; the record's spans end with the call, which must neither call the log nor throw.</summary>
public delegate void RecordTap(TopicPartition source, in LogRecord record);

/// <summary>A log that lives and dies with its process: for tests (with injected faults) and for replays.</summary>
public sealed class InMemoryLog : LocalLog
{
    private readonly bool _dropConsumed;
    private FaultStream? _faults;
    private readonly List<SegmentedPartition> _partitions = [];
    private readonly Dictionary<string, RecordTap> _taps = new(StringComparer.Ordinal);

    public InMemoryLog(InMemoryLogOptions? options = null)
    {
        options ??= new InMemoryLogOptions();
        if (options.Validate().FirstOrDefault() is { } violation)
            throw new ArgumentException(violation, nameof(options));
        _dropConsumed = options.DropConsumed;
        _faults = options.Faults is null ? null : new FaultStream(options.Faults);
    }

    /// <summary>Bytes of records held now.</summary>
    public long ByteCount
    {
        get
        {
            lock (Gate)
            {
                return _partitions.Sum(partition => partition.ByteCount);
            }
        }
    }

    /// <summary>
    /// Calls <paramref name="tap"/> with each record of the topic committed from now on, in the order of commits. Records of a tapped topic
    /// are kept only where a group has subscribed to it; otherwise they are gone once the tap has seen them.
    /// </summary>
    public void Tap(string topic, RecordTap tap)
    {
        lock (Gate)
        {
            PartitionsOf(topic);
            if (!_taps.TryAdd(topic, tap))
                _taps[topic] += tap;
        }
    }

    /// <summary>
    /// Takes the partitions of a member from it without its knowing, as a broker does after a session timeout: its next commit of offsets is
    /// fenced, and it joins anew by polling.
    /// </summary>
    public void Evict(ILogConsumer consumer)
    {
        if (consumer is not LocalConsumer { Member: { } member })
            throw new ArgumentException("only a member of a group can be evicted", nameof(consumer));
        lock (Gate)
        {
            Groups.Evict(member);
            WakeAll();
        }
    }

    /// <summary>From now on these faults strike, drawn from the beginning of their streams; none where null.</summary>
    public void Inject(InMemoryFaults? faults)
    {
        if (faults?.Validate().FirstOrDefault() is { } violation)
            throw new ArgumentException(violation, nameof(faults));
        lock (Gate)
        {
            _faults = faults is null ? null : new FaultStream(faults);
        }
    }

    internal override PollPlan PlanPoll(LocalConsumer consumer, int maxRecords) =>
        _faults?.Poll(consumer.Name, maxRecords) ?? base.PlanPoll(consumer, maxRecords);

    internal override void ReachStep(CommitStep step, string transactionalId, GroupMember? member)
    {
        if (_faults is null)
            return;
        if (step == CommitStep.Begun && member is not null && _faults.EvictsAtCommit(transactionalId))
        {
            Groups.Evict(member);
            WakeAll();
        }

        _faults.ReachStep(step, transactionalId);
    }

    protected override LocalPartition[] Create(TopicSpec spec) => Extend(spec, 0);

    protected override LocalPartition[] Extend(TopicSpec spec, int from)
    {
        var partitions = new SegmentedPartition[spec.Partitions - from];
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] = new SegmentedPartition(new TopicPartition(spec.Name, from + i), spec);
        _partitions.AddRange(partitions);
        return partitions;
    }

    protected override void Store(
        IReadOnlyList<PendingRecords> outputs, string? group, IReadOnlyList<PartitionOffset> offsets, CommitSteps steps)
    {
        // What stands between outputs and offsets comes first: from here on nothing can fail.
        steps.OutputsWritten();
        for (var i = 0; i < outputs.Count; i++)
        {
            var partition = (SegmentedPartition)outputs[i].Partition;
            var kept = true;
            if (_taps.Count > 0 && _taps.TryGetValue(partition.Source.Topic, out var tap))
            {
                Show(tap, partition, outputs[i]);
                kept = Groups.Subscribed(partition.Source.Topic).Any();
            }

            if (kept)
                partition.Append(outputs[i]);
            else
                partition.Pass(outputs[i].Count);
        }
    }

    protected override void AfterCommit(IReadOnlyList<PendingRecords> outputs, IReadOnlyList<PartitionOffset> offsets)
    {
        if (!_dropConsumed)
            return;
        for (var i = 0; i < offsets.Count; i++)
        {
            var partition = (SegmentedPartition)Find(offsets[i].Partition);
            if (!partition.Spec.CleanUp.HasFlag(CleanUp.Compact) && LowestCommitted(partition.Source) is { } lowest)
                partition.DropBefore(lowest);
        }
    }

    private static void Show(RecordTap tap, LocalPartition partition, PendingRecords records)
    {
        var rest = records.Bytes;
        while (!rest.IsEmpty)
        {
            var record = PackedRecords.Read(rest, partition.EndOffset, out var size);
            tap(partition.Source, record);
            rest = rest[size..];
        }
    }
}
