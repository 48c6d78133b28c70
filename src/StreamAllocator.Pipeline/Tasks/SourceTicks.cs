using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Tasks;

/// <summary>
/// The newest tick of each source, and the watermark: the smallest of them. A source that lags the newest by more than the limit is
/// left out until it is back, so that a dead one does not freeze time; ticks are compared with ticks, so a replay decides alike.
/// The watermark never goes back.
/// <para>The trainer's tick is a promise (no release is still to come that is effective before it), an hour ahead of the data that it
/// answers: it may hold time back, and never carries it on. It is not what lag is measured by, and alone it moves nothing.</para>
/// </summary>
/// <param name="lagLimit">
/// Null waits for every source for ever (driven runs, whose sources never die). With a limit a trainer that has not spoken yet is not waited
/// for: it answers ticks, so waiting for its first would be waiting in a circle. A driven run's genesis speaks for it.
/// </param>
public sealed class SourceTicks(TimeSpan? lagLimit)
{
    private readonly SortedDictionary<TickSource, EventTime[]> _newest = [];
    private EventTime _first = EventTime.Unknown;
    private EventTime _watermark = EventTime.Unknown;

    /// <summary>From all sources that count, nothing earlier than this is expected; unknown before each has spoken.</summary>
    public EventTime Watermark => _watermark;

    /// <summary>Of this kind one must have ticked before time passes, though none has said anything yet; the first tells how many there are.</summary>
    public void Expect(TickSource source)
    {
        if (!_newest.ContainsKey(source))
            _newest.Add(source, [EventTime.Unknown]);
    }

    /// <summary>How many of a kind there are, as far as was told; 1 where none has spoken.</summary>
    public int CountOf(TickSource source) => _newest.TryGetValue(source, out var newest) ? newest.Length : 1;

    /// <summary>Takes a tick in; true if the watermark moved.</summary>
    public bool Observe(in Tick tick)
    {
        if (!_newest.TryGetValue(tick.Source, out var newest) || newest.Length < tick.Count)
        {
            _newest[tick.Source] = newest = Grown(newest ?? [EventTime.Unknown], tick.Count);
        }

        if (_first == EventTime.Unknown && tick.Source != TickSource.Train)
            _first = tick.Time;
        if (tick.Time > newest[tick.Index])
            newest[tick.Index] = tick.Time;
        return Advance();
    }

    public bool IsLeftOut(TickSource source, int index) =>
        _newest.TryGetValue(source, out var newest) && index < newest.Length && Lags(source, newest[index], Newest());

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_first.UnixMilliseconds);
        state.Int64(_watermark.UnixMilliseconds);
        state.Int64(_newest.Count);
        foreach (var (source, newest) in _newest)
        {
            state.Int64((long)source);
            state.Array<EventTime>(newest);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _newest.Clear();
        _first = new EventTime(state.Int64());
        _watermark = new EventTime(state.Int64());
        for (var kinds = state.Int64(); kinds > 0; kinds--)
            _newest.Add((TickSource)state.Int64(), state.Array<EventTime>());
    }

    private bool Advance()
    {
        var newest = Newest();
        var smallest = newest;
        foreach (var (source, times) in _newest)
        {
            foreach (var time in times)
            {
                if (!Lags(source, time, newest) && time < smallest)
                    smallest = time;
            }
        }

        if (smallest <= _watermark)
            return false;
        _watermark = smallest;
        return true;
    }

    private bool Lags(TickSource source, EventTime time, EventTime newest)
    {
        if (lagLimit is not { } limit)
            return false;
        if (source == TickSource.Train && time == EventTime.Unknown)
            return true;
        var since = time == EventTime.Unknown ? _first : time;
        return newest != EventTime.Unknown && newest - since > limit;
    }

    private EventTime Newest()
    {
        var newest = EventTime.Unknown;
        foreach (var (source, times) in _newest)
        {
            if (source == TickSource.Train)
                continue;
            foreach (var time in times)
                newest = time > newest ? time : newest;
        }

        return newest;
    }

    /// <summary>A source that came of another, when the partitions of its input were raised, stands where that one stood.</summary>
    private static EventTime[] Grown(EventTime[] before, int count)
    {
        var times = new EventTime[count];
        for (var index = 0; index < count; index++)
            times[index] = before[index % before.Length];
        return times;
    }
}
