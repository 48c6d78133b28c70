using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// Looks in the log how far the sources are, those of other processes too: their ticks as they are written, and of a source that was not heard
/// yet the tick that the next of its records would bring. Belongs to one thread.
/// </summary>
/// <param name="wait">How long it waits for a record that the log says is there.</param>
internal sealed class SourceWatch(IEventLog log, Role role, PaceOptions options, TimeSpan wait) : IDisposable
{
    /// <summary>Records looked through for the first that ticks; before it stand only some that are refused.</summary>
    private const int MostRefused = 100;

    private const int BatchSize = 1000;

    /// <summary>However long it did not look (it was stopped, the clock jumped), no more than this counts as watched.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, (long Next, EventTime Tick)> _beginnings = [];
    private readonly RecordBatch _batch = new();
    private EventTime _lastLook = EventTime.Unknown;
    private ILogConsumer? _ticks;

    public SourcePace Pace { get; } = new(options, TopicSpec.Find(log, options.Topic).Partitions);

    /// <summary>Tells the pace how far the sources are.</summary>
    /// <param name="now">The wall clock.</param>
    /// <param name="own">Sources whose tasks tell it themselves: where they are all, no ticks are read.</param>
    public void Look(EventTime now, IReadOnlyCollection<int> own)
    {
        if (_lastLook != EventTime.Unknown && now > _lastLook)
            Pace.Wait(now - _lastLook < LongestLook ? now - _lastLook : LongestLook);
        _lastLook = now;
        if (own.Count < Pace.Count)
            ReadTicks(now, own);
        for (var source = 0; source < Pace.Count; source++)
        {
            if (!Pace.HasTicked(source))
                Pace.Expect(source, Beginning(source, now));
        }
    }

    public void Dispose()
    {
        _ticks?.Dispose();
        _batch.Dispose();
    }

    /// <summary>From as far back as a source could still be waited for; where none here has ticked, from a day ago: nobody begins before.</summary>
    private void ReadTicks(EventTime now, IReadOnlyCollection<int> own)
    {
        if (_ticks is null)
        {
            var known = own.Where(Pace.HasTicked).Select(Pace.TickOf).ToList();
            var since = known.Count > 0 ? known.Min() - options.LagWindows * options.Window : now - TimeSpan.FromDays(1);
            _ticks = log.Read([options.Ticks]);
            _ticks.Seek(options.Ticks, log.OffsetAt(options.Ticks, since));
        }

        while (_ticks.Poll(_batch, BatchSize, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var index = 0; index < _batch.Count; index++)
                Hear(_batch[index]);
        }
    }

    /// <summary>The tick that a source would begin with; null at the end of its partition, unknown where it cannot be told.</summary>
    private EventTime? Beginning(int source, EventTime now)
    {
        var partition = new TopicPartition(options.Topic, source);
        var next = log.Committed(role.Group, partition) ?? log.BeginOffset(partition);
        if (next >= log.EndOffset(partition))
            return null;
        if (_beginnings.TryGetValue(source, out var known) && known.Next == next)
            return known.Tick;
        using var reader = log.Read([partition]);
        reader.Seek(partition, next);
        if (reader.Poll(_batch, MostRefused, wait) != PollOutcome.Records)
            return reader.Position(partition) < log.EndOffset(partition) ? EventTime.Unknown : null;
        var attempt = (IPacedTask)role.Create(partition);
        using var discarded = new OutputBatch();
        attempt.OnClock(now, null, discarded);
        attempt.StepUpTo(EventTime.Unknown, _batch, discarded);
        _beginnings[source] = (next, attempt.Reached);
        return attempt.Reached;
    }

    private void Hear(in LogRecord record)
    {
        try
        {
            var reader = new ProtoReader(record.Value);
            while (reader.Next())
            {
                if (reader.Field == 15 && Tick.Read(reader.Message()) is var tick && tick.Source == options.Source && tick.Index < Pace.Count)
                    Pace.Hear(tick.Index, tick.Time);
            }
        }
        catch (WireFormatException)
        {
            // Damaged: the task that folds this partition says so.
        }
    }
}
