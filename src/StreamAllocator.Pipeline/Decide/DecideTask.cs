using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Decide;

/// <summary>
/// Folds one partition of <c>pool-inputs</c>: one round of decisions per window, by the ticks of all its sources (every predict partition, and the
/// executor); at ticks within a window it answers saturation.
/// Outlooks, read-backs and evidence wait for the tick of their time and apply in the order of (time, source), so that the order in which
/// sources happen to be read does not count. Inventory and requests apply as they come.
/// </summary>
public sealed class DecideTask : ITask
{
    private readonly TimeSpan? _window;
    private readonly SourceTicks _ticks;
    private readonly PendingInputs _pending = new();
    private readonly PoolRoster _pools;
    private readonly DecideOutputs _outputs;
    private readonly DeadLetters _letters;
    private readonly OutlookColumns _outlooks = new();
    private readonly EvidenceColumns _evidence = new();
    private readonly StringPool _names = new();
    private readonly Action<Decision> _emit;
    private OutputBatch _target = null!;

    /// <param name="decisionPartitions">Of <c>decisions</c>.</param>
    public DecideTask(DecideOptions options, Topics topics, int partition, int partitions, int decisionPartitions)
    {
        _window = options.Window;
        _ticks = new SourceTicks(options.SourceLagLimit);
        _ticks.Expect(TickSource.Predict);
        _ticks.Expect(TickSource.Execute);
        _pools = new PoolRoster(options.Decisions, partition, partitions);
        _outputs = new DecideOutputs(topics, partition, partitions, decisionPartitions, options.RunId);
        _letters = new DeadLetters(topics);
        _emit = decision => _outputs.Decision(_target, decision);
    }

    public EventTime Reached => _ticks.Watermark;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        _target = outputs;
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            try
            {
                Fold(record, outputs);
            }
            catch (WireFormatException exception)
            {
                _letters.Append(outputs, DeadLetterCause.Malformed, exception.Message, batch.Source, record);
            }
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Part(_ticks.Save);
        state.Part(_pending.Save);
        state.Part(_pools.Save);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _ticks.Load(state.Part());
        _pending.Load(state.Part());
        _pools.Load(state.Part());
    }

    private void Fold(in LogRecord record, OutputBatch outputs)
    {
        var reader = new ProtoReader(record.Value);
        var waits = false;
        Tick? tick = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1 or 9 or 10:
                    waits = true;
                    break;
                case 2:
                    _pools.Put(VmSpecCodec.Read(reader.Message()));
                    break;
                case 3:
                    _pools.RemoveVm(reader.Text());
                    break;
                case 4:
                    _pools.Put(HostSpecCodec.Read(reader.Message()));
                    break;
                case 5:
                    _pools.RemoveHost(reader.Text());
                    break;
                case 6:
                    _pools.Put(OfferCodec.Read(reader.Message()));
                    break;
                case 7:
                    _pools.RemoveOffer(reader.Text());
                    break;
                case 8:
                    Answer(ControlRequestCodec.Read(reader.Message()));
                    break;
                case 15:
                    tick = Tick.Read(reader.Message());
                    break;
            }
        }

        if (waits)
            _pending.Add(record.Time, record.Value);
        var before = _ticks.Watermark;
        if (tick is { } ticked && _ticks.Observe(AsSource(ticked)))
            Decide(IsRound(before, _ticks.Watermark), outputs);
    }

    /// <summary>Only the executor of this partition ticks here: it is the one of its kind.</summary>
    private static Tick AsSource(in Tick tick) => tick.Source == TickSource.Execute ? tick with { Index = 0, Count = 1 } : tick;

    /// <summary>A person does not wait for a round: the decision comes at once, at the time of the last one or of the request.</summary>
    private void Answer(ControlRequest request)
    {
        var time = request.EventTime > _ticks.Watermark ? request.EventTime : _ticks.Watermark;
        foreach (var planner in _pools.Apply(request))
            planner.Answer(time, Fence(time), _emit);
    }

    private bool IsRound(EventTime before, EventTime tick) =>
        _window is not { } window || before == EventTime.Unknown || before.WindowIndex(window) < tick.WindowIndex(window);

    private void Decide(bool round, OutputBatch outputs)
    {
        var tick = _ticks.Watermark;
        foreach (var record in _pending.TakeUpTo(tick))
            Apply(record);
        _pools.MarkStale(_ticks);
        foreach (var planner in _pools.Planners)
        {
            if (round)
                planner.Decide(tick, Fence(tick), _emit);
            else
                planner.React(tick, Fence(tick), _emit);
        }

        _outputs.Tick(outputs, tick);
    }

    private void Apply(byte[] record)
    {
        var reader = new ProtoReader(record);
        _evidence.Clear();
        var seen = EventTime.Unknown;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    _outlooks.Read(reader.Message(), _names);
                    for (var index = 0; index < _outlooks.Count; index++)
                        _pools.Find(_outlooks.VmIds[index])?.Apply(_outlooks[index]);
                    break;
                case 9:
                    var allocation = AllocationCodec.Read(reader.Message());
                    _pools.Find(allocation.VmId)?.Apply(allocation);
                    break;
                case 10:
                    _evidence.VmIds.Add(reader.Text());
                    break;
                case 11:
                    _evidence.ReadFlags(ref reader);
                    break;
                case 15:
                    seen = Tick.Read(reader.Message()).Time;
                    break;
            }
        }

        for (var index = 0; index < _evidence.Count; index++)
            _pools.Find(_evidence.VmIds[index])?.ApplyEvidence(_evidence.VmIds[index], _evidence.Flags(index), seen);
    }

    /// <summary>The epoch of the decider is its event time: a decider that was left behind stamps smaller ones.</summary>
    private static long Fence(EventTime time) => time.UnixMilliseconds;
}
