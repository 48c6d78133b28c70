using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// One consumer, one transactional producer, and the tasks of the partitions that the group gave it. Three plain calls, again and again:
/// poll, step, commit; a commit may take in several steps. Outputs and input offsets are committed together, so each record is folded
/// exactly once into what readers see. Belongs to one thread.
/// </summary>
public sealed class Shard : IDisposable
{
    /// <summary>In a row, with a wait for news of the group between two: more than any rebalance takes.</summary>
    private const int MostRefusals = 300;

    private const long LongestWaitBytes = 16 << 20;

    private static readonly TimeSpan ClockResolution = TimeSpan.FromMilliseconds(100);

    private readonly IEventLog _log;
    private readonly Role _role;
    private readonly ShardOptions _options;
    private readonly ISnapshots? _snapshots;
    private readonly TimeProvider? _clock;
    private readonly SortedDictionary<TopicPartition, Assigned> _tasks = [];
    private readonly RecordBatch _batch = new();
    private readonly List<PartitionOffset> _offsets = [];
    private readonly HashSet<TopicPartition> _held = [];
    private readonly SourceWatch? _sources;
    private readonly ILogConsumer _consumer;
    private readonly ILogProducer _producer;
    private EventTime _lastTick = new(0);
    private int _refusals;
    private TimeSpan _lastSnapshotTook;
    private long _lastSnapshotEnded;
    private bool _readsFirstTopics;

    /// <param name="name">Stable across restarts: the member's name in the group and the producer's transactional id.</param>
    /// <param name="clock">Given where the role runs live: tasks at the edge hear of it between batches.</param>
    public Shard(IEventLog log, Role role, string name, ShardOptions options, ISnapshots? snapshots = null, TimeProvider? clock = null)
    {
        _log = log;
        _role = role;
        _options = options;
        _snapshots = snapshots;
        _clock = clock;
        _producer = log.OpenProducer(IEventLog.ProducerOf(role.Group, name));
        try
        {
            _consumer = log.Join(role.Group, name, role.Topics);
            if (clock is not null && role.Pace is { } pace)
                _sources = new SourceWatch(log, role, pace, options.PollWait);
        }
        catch
        {
            _consumer?.Dispose();
            _producer.Dispose();
            throw;
        }
    }

    /// <summary>Event time that the slowest of its tasks has come to; unknown where none has ticked.</summary>
    public EventTime Reached
    {
        get
        {
            var slowest = EventTime.Unknown;
            foreach (var assigned in _tasks.Values)
            {
                var reached = assigned.Task.Reached;
                if (reached != EventTime.Unknown && (slowest == EventTime.Unknown || reached < slowest))
                    slowest = reached;
            }

            return slowest;
        }
    }

    /// <summary>
    /// There is no use in waiting with a commit: the last poll found nothing to fold, or what waits is large, as when a window closes for many VMs.
    /// </summary>
    public bool WantsCommit => _batch.Count == 0 || UncommittedBytes() >= LongestWaitBytes;

    /// <summary>Polls, folds and commits once; false if there was nothing to do.</summary>
    public bool RunOnce()
    {
        var polled = Poll();
        Step();
        Commit();
        return polled;
    }

    /// <summary>
    /// Fetches the next batch; a change of assignment is carried out first, and what a lost partition has not committed is given up. False if
    /// nothing came within the wait, which there is none of while steps wait for their commit.
    /// </summary>
    public bool Poll()
    {
        var waits = !HasUncommitted() || _refusals > 0;
        var outcome = _consumer.Poll(_batch, _options.BatchSize, waits ? _options.PollWait : TimeSpan.Zero);
        if (outcome == PollOutcome.AssignmentChanged)
            Assign();
        else if (outcome == PollOutcome.Idle && waits && _readsFirstTopics)
            ReadOthers();
        return outcome == PollOutcome.Records;
    }

    /// <summary>Folds the batch that the poll brought, if it brought one, and tells clocked tasks the time.</summary>
    public void Step()
    {
        if (_batch.Count > 0)
        {
            var assigned = _tasks[_batch.Source];
            var folded = Fold(assigned);
            if (folded < _batch.Count)
                _consumer.Seek(_batch.Source, _batch[folded].Offset);
            if (folded > 0)
            {
                assigned.Next = _batch[folded - 1].Offset + 1;
                assigned.SinceSnapshot += folded;
                assigned.IsUncommitted = true;
                if (_clock is SteadyClock steady && assigned.Task is IClockedTask)
                    steady.Hear(_batch[folded - 1].Time);
            }
        }

        Tick();
        KeepPace();
    }

    /// <summary>
    /// Commits outputs and offsets together, then takes the snapshots that are due. Where the group is being dealt out anew, all of it waits for the
    /// next commit: the poll between tells what was lost, and that goes with its task.
    /// </summary>
    public void Commit()
    {
        _offsets.Clear();
        foreach (var (partition, assigned) in _tasks)
        {
            if (!assigned.IsUncommitted)
                continue;
            _offsets.Add(new PartitionOffset(partition, assigned.Next));
            _producer.Send(assigned.Outputs);
        }

        if (_offsets.Count == 0)
            return;
        try
        {
            _producer.Commit(_consumer, _offsets);
            _refusals = 0;
        }
        catch (LogRebalancingException) when (++_refusals <= MostRefusals)
        {
            return;
        }

        foreach (var (partition, assigned) in _tasks)
        {
            assigned.IsUncommitted = false;
            assigned.Outputs.Clear();
            if (assigned.SinceSnapshot >= _options.SnapshotEvery && !HasJustTakenSnapshot())
                TakeSnapshot(partition, assigned);
        }
    }

    /// <summary>
    /// The end of an orderly stop: commits what was stepped, then takes snapshots, so that the next start is a short one; those of large states
    /// are left out, since who takes over would wait for them longer than for the replay that they save.
    /// </summary>
    public void Drain()
    {
        Commit();
        var left = _options.FarewellSnapshots;
        foreach (var (partition, assigned) in _tasks)
        {
            if (assigned.IsUncommitted || assigned.SinceSnapshot == 0 || assigned.SnapshotTook > left)
                continue;
            TakeSnapshot(partition, assigned);
            left -= assigned.SnapshotTook;
        }
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _producer.Dispose();
        _sources?.Dispose();
        _batch.Dispose();
        foreach (var assigned in _tasks.Values)
            assigned.Outputs.Dispose();
    }

    private bool HasUncommitted()
    {
        foreach (var assigned in _tasks.Values)
        {
            if (assigned.IsUncommitted)
                return true;
        }

        return false;
    }

    private long UncommittedBytes()
    {
        var bytes = 0L;
        foreach (var assigned in _tasks.Values)
            bytes += assigned.Outputs.ByteCount;
        return bytes;
    }

    /// <returns>How many records of the batch were folded: fewer than it has where a source must keep pace.</returns>
    private int Fold(Assigned assigned)
    {
        if (_sources is null || assigned.Task is not IPacedTask paced)
        {
            assigned.Task.Step(_batch, assigned.Outputs);
            return _batch.Count;
        }

        var source = _batch.Source.Partition;
        if (_sources.Pace.IsHeld(source))
            return 0;
        var folded = paced.StepUpTo(_sources.Pace.LimitOf(source) ?? new EventTime(long.MaxValue), _batch, assigned.Outputs);
        _sources.Pace.Hear(source, paced.Reached);
        return folded;
    }

    private void Tick()
    {
        if (_clock is null)
            return;
        var now = EventTime.From(_clock.GetUtcNow());
        if (now - _lastTick < ClockResolution)
            return;
        _lastTick = now;
        _sources?.Look(now, [.. _tasks.Keys.Where(IsPaced).Select(partition => partition.Partition)]);
        foreach (var (partition, assigned) in _tasks)
        {
            if (assigned.Task is not IClockedTask clocked)
                continue;
            var before = assigned.Outputs.Count;
            clocked.OnClock(now, _consumer.IsAtEnd(partition) ? CaughtUpTo(partition, now) : null, assigned.Outputs);
            // With its offset the commit checks that the partition is still ours, though it does not move: a zombie must not tick.
            assigned.IsUncommitted |= assigned.Outputs.Count > before;
            if (IsPaced(partition))
                _sources!.Pace.Hear(partition.Partition, assigned.Task.Reached);
        }
    }

    private EventTime? CaughtUpTo(TopicPartition partition, EventTime now) =>
        IsPaced(partition) ? _sources!.Pace.Present(partition.Partition, now) : now;

    private bool IsPaced(TopicPartition partition) => _sources is not null && partition.Topic == _role.Pace!.Topic;

    /// <summary>A source that is too far ahead of the slowest is not read until that has come closer.</summary>
    private void KeepPace()
    {
        if (_sources is null || _readsFirstTopics)
            return;
        if (_batch.Count > 0 && IsPaced(_batch.Source) && _sources.Pace.IsHeld(_batch.Source.Partition) && _held.Add(_batch.Source))
            _consumer.Pause(_batch.Source);
        if (_held.Count == 0)
            return;
        foreach (var partition in _held.Where(held => !_sources.Pace.IsHeld(held.Partition)).ToList())
        {
            _consumer.Resume(partition);
            _held.Remove(partition);
        }
    }

    private void ReadOthers()
    {
        foreach (var partition in _tasks.Keys)
            _consumer.Resume(partition);
        _held.Clear();
        _readsFirstTopics = false;
    }

    private void Assign()
    {
        var assignment = _consumer.Assignment;
        foreach (var lost in _tasks.Keys.Except(assignment).ToList())
        {
            _tasks[lost].Outputs.Dispose();
            _tasks.Remove(lost);
            _held.Remove(lost);
        }

        foreach (var partition in assignment)
        {
            if (!_tasks.ContainsKey(partition))
                _tasks.Add(partition, Recover(partition));
            if (IsPaced(partition))
                _sources!.Pace.Hear(partition.Partition, _tasks[partition].Task.Reached);
        }

        // Before anything is folded, the clocked tasks and the pace look again.
        _lastTick = new EventTime(0);

        if (_role.First.Count == 0)
            return;
        foreach (var partition in _tasks.Keys.Where(partition => !_role.First.Contains(partition.Topic)))
            _consumer.Pause(partition);
        _readsFirstTopics = true;
    }

    /// <summary>
    /// The newest valid snapshot, then its input again up to the committed offset with the outputs suppressed. Where the partition came of others,
    /// both go back into what those held before; of the state, what is not the partition's is left where it parted from them.
    /// </summary>
    private Assigned Recover(TopicPartition partition)
    {
        var task = _role.Create(partition);
        var committed = _consumer.Position(partition);
        var spans = _role.Lineage?.Spans(partition).ToArray() ?? [new LineageSpan(partition, 0, 0, committed)];
        spans[^1] = spans[^1] with { To = committed };
        var (at, next) = (spans.Length - 1, 0L);
        for (; at >= 0; at--)
        {
            if (_snapshots?.Newest(_role.Group, spans[at].Source, Fingerprint(spans[at].Partitions), spans[at].To) is not { } snapshot)
                continue;
            task.Load(snapshot.State.Span);
            next = snapshot.Next;
            break;
        }

        if (at < 0)
            (at, next) = (0, spans[0].From);
        var replayed = Replay(task, spans[at].Source, next, spans[at].To);
        for (at++; at < spans.Length; at++)
        {
            task.Keep(spans[at].Source.Partition, spans[at].Partitions);
            // However little there is to replay, a snapshot of its own follows the next commit.
            replayed = Math.Max(_options.SnapshotEvery, replayed + Replay(task, spans[at].Source, spans[at].From, spans[at].To));
        }

        return new Assigned(task) { Next = committed, SinceSnapshot = replayed };
    }

    /// <param name="partitions">Of its input topic.</param>
    private string Fingerprint(int partitions) =>
        _role.Lineage is null ? _role.Fingerprint : FormattableString.Invariant($"{_role.Fingerprint}/{partitions}");

    private int Replay(ITask task, TopicPartition partition, long from, long committed)
    {
        var next = Math.Max(from, _log.BeginOffset(partition));
        if (next >= committed)
            return 0;
        var replayed = 0;
        using var reader = _log.Read([partition]);
        using var batch = new RecordBatch();
        using var folded = new RecordBatch();
        using var suppressed = new OutputBatch();
        reader.Seek(partition, next);
        while (next < committed)
        {
            // The record before the committed offset was folded once, so it comes, unless retention has taken all up to there.
            if (reader.Poll(batch, _options.BatchSize, _options.PollWait) != PollOutcome.Records)
            {
                if (_log.BeginOffset(partition) >= committed)
                    break;
                continue;
            }

            folded.Reset(partition);
            for (var index = 0; index < batch.Count && batch[index].Offset < committed; index++)
            {
                var record = batch[index];
                folded.Append(record.Offset, record.Time, record.Key, record.Headers, record.Value);
            }

            if (folded.Count > 0)
                task.Step(folded, suppressed);
            suppressed.Clear();
            replayed += folded.Count;
            next = batch[batch.Count - 1].Offset + 1;
        }

        return replayed;
    }

    /// <summary>Live, the time that a snapshot took is made good before the next: large states are written less often.</summary>
    private bool HasJustTakenSnapshot() => _clock is not null && _lastSnapshotTook > TimeSpan.Zero
        && _clock.GetElapsedTime(_lastSnapshotEnded) < _lastSnapshotTook / _options.SnapshotShare;

    private void TakeSnapshot(TopicPartition partition, Assigned assigned)
    {
        assigned.SinceSnapshot = 0;
        if (_snapshots is null)
            return;
        var began = _clock?.GetTimestamp() ?? 0;
        _snapshots.Write(_producer, _role.Group, partition, assigned.Next, Fingerprint(_role.Lineage?.Partitions ?? 0), assigned.Task.Save);
        if (_clock is null)
            return;
        _lastSnapshotEnded = _clock.GetTimestamp();
        _lastSnapshotTook = assigned.SnapshotTook = _clock.GetElapsedTime(began, _lastSnapshotEnded);
    }

    private sealed class Assigned(ITask task)
    {
        public ITask Task { get; } = task;

        /// <summary>Of the steps since the last commit; its own, so that they are given up with the task.</summary>
        public OutputBatch Outputs { get; } = new();

        public long Next { get; set; }

        public int SinceSnapshot { get; set; }

        /// <summary>The last of this task, live; 0 before.</summary>
        public TimeSpan SnapshotTook { get; set; }

        /// <summary>It has stepped or ticked since the last commit.</summary>
        public bool IsUncommitted { get; set; }
    }
}
