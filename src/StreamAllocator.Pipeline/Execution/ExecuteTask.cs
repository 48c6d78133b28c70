using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>
/// The edge to the hypervisors: folds a partition of <c>commands</c>, publishes to <c>allocations</c>, <c>vm-inputs</c> and <c>pool-inputs</c>.
/// Commands wait for the next moment of action. Driven, that is decide's tick T: the commands begin at T, the hypervisor goes on to T + cadence,
/// everything is read back, and the tick of T + cadence follows. Live it is the clock, so that an expiry is judged by the real time and
/// folding the log again after a crash touches no hypervisor. What was done by the clock no fold brings back: live, what stands in <c>allocations</c> is
/// the answer, and a command that has one is not begun again.
/// </summary>
public sealed class ExecuteTask : IClockedTask
{
    /// <summary>What is younger than this has not been compacted yet.</summary>
    private static readonly TimeSpan UncompactedFor = TimeSpan.FromDays(1);

    private readonly ExecuteOptions _options;
    private readonly IHypervisor _hypervisor;
    private readonly AllocationWriter _allocations;
    private readonly Executor _executor;
    private readonly DeadLetters _letters;
    private readonly PublishedAllocations? _published;
    private readonly List<ResizeCommand> _waiting = [];
    private EventTime _now = EventTime.Unknown;
    private bool _knowsPublished;

    /// <param name="log">Live, where it reads back what it has published; null for one that has published nothing.</param>
    /// <exception cref="ArgumentException">The options have violations; all are named.</exception>
    public ExecuteTask(ExecuteOptions options, IHypervisor hypervisor, IEventLog? log = null)
    {
        var violations = string.Join("; ", options.Violations());
        if (violations.Length > 0)
            throw new ArgumentException(violations, nameof(options));
        _options = options;
        _hypervisor = hypervisor;
        _allocations = new AllocationWriter(options);
        _executor = new Executor(options, hypervisor, _allocations);
        _letters = new DeadLetters(options.Topics);
        _published = log is null ? null : new PublishedAllocations(log, options);
    }

    public EventTime Reached => _executor.Ticked;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            try
            {
                if (record.Headers.SequenceEqual(SchemaHeaders.Tick))
                    OnTick(Tick.Read(new ProtoReader(record.Value)), outputs);
                else
                    _waiting.Add(ResizeCommandCodec.Read(new ProtoReader(record.Value)));
            }
            catch (WireFormatException malformed)
            {
                _letters.Append(outputs, DeadLetterCause.Malformed, malformed.Message, batch.Source, record);
            }
        }
    }

    public void OnClock(EventTime now, EventTime? caughtUpTo, OutputBatch outputs)
    {
        // A clock that was set back changes nothing: event time never goes back.
        if (!_options.Live || now < _now)
            return;
        if (!_knowsPublished)
            Recall(now);
        BeginWaiting(now, outputs);
        _executor.ReadBack(now, outputs);
        var tick = EventTime.StartOfWindow(now.WindowIndex(_options.TickEvery), _options.TickEvery);
        if (caughtUpTo is not null && tick > _executor.Ticked)
            TickAt(tick, outputs);
        else
            _allocations.Flush(now, outputs);
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_now.UnixMilliseconds);
        state.Messages(_waiting, ResizeCommandCodec.WriteFields);
        _executor.Save(state);
        state.Part(_hypervisor.Save);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _now = new EventTime(state.Int64());
        _waiting.AddRange(state.Messages(ResizeCommandCodec.Read));
        _executor.Load(ref state);
        _hypervisor.Load(state.Part());
    }

    private void OnTick(in Tick tick, OutputBatch outputs)
    {
        if (_options.Live || tick.Source != TickSource.Decide || tick.Time + _options.Cadence <= _executor.Ticked)
            return;
        BeginWaiting(tick.Time > _now ? tick.Time : _now, outputs);
        Advance(tick.Time + _options.Cadence);
        _executor.ReadBack(_now, outputs);
        TickAt(_now, outputs);
    }

    /// <summary>Before it acts for the first time, when all that waits was folded again. An answer that compaction has taken had a newer one behind it.</summary>
    private void Recall(EventTime now)
    {
        _knowsPublished = true;
        if (_published is null)
            return;
        var answered = new HashSet<(string VmId, long Revision)>();
        var newest = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var allocation in _published.Since(_executor.Ticked))
        {
            _executor.Recall(allocation);
            answered.Add((allocation.VmId, allocation.Revision));
            newest[allocation.VmId] = Math.Max(newest.GetValueOrDefault(allocation.VmId), allocation.Revision);
        }

        _waiting.RemoveAll(command =>
        {
            var isOver = answered.Contains((command.VmId, command.Revision))
                || command.Revision < newest.GetValueOrDefault(command.VmId) && command.Expiry + UncompactedFor < now;
            if (isOver)
                _executor.PassOver(command);
            return isOver;
        });
    }

    private void BeginWaiting(EventTime now, OutputBatch outputs)
    {
        Advance(now);
        foreach (var command in _waiting)
            _executor.Begin(command, now, outputs);
        _waiting.Clear();
    }

    private void Advance(EventTime now)
    {
        _now = now;
        _hypervisor.Advance(now);
    }

    private void TickAt(EventTime time, OutputBatch outputs)
    {
        _executor.Ticked = time;
        _allocations.Tick(time, outputs);
    }
}
