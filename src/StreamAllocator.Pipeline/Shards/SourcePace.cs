using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// How far each source may go, so that after an outage none runs away from the others: up to the slowest one that still moves, and the lead.
/// <code>
///   given up │ ◄─ lag limit ─► │ ◄─ this source        slowest ◄─ lead ─► │ held
/// </code>
/// Downstream time begins with the first tick of all, and nobody waits long for a source that was never heard. So one that has not ticked stands at
/// the tick that its next record would bring; the earliest of those begin first, and the others stay a window before them until they have.
/// Of all sources at least one is never held, so that no two wait for each other. Belongs to one thread.
/// </summary>
/// <param name="sources">How many there are.</param>
public sealed class SourcePace(PaceOptions options, int sources)
{
    private readonly Source[] _sources = [.. Enumerable.Range(0, sources).Select(_ => new Source())];

    public int Count => _sources.Length;

    public bool HasTicked(int source) => _sources[source].HasTicked;

    public EventTime TickOf(int source) => _sources[source].Tick;

    /// <summary>Takes in how far a source has ticked; what is known already, or <see cref="EventTime.Unknown"/>, changes nothing.</summary>
    public void Hear(int source, EventTime tick)
    {
        if (tick <= _sources[source].Tick)
            return;
        _sources[source].Tick = tick;
        _sources[source].Unmoved = TimeSpan.Zero;
    }

    /// <summary>Where a source that has not ticked would begin; null where it has nothing to read, <see cref="EventTime.Unknown"/> if that cannot be told.</summary>
    public void Expect(int source, EventTime? beginning)
    {
        if (beginning == _sources[source].Beginning)
            return;
        _sources[source].Beginning = beginning;
        _sources[source].Unmoved = TimeSpan.Zero;
    }

    /// <summary>Tells that so much time was spent watching: what did not move meanwhile loses patience.</summary>
    public void Wait(TimeSpan watched)
    {
        foreach (var source in _sources)
            source.Unmoved += watched;
    }

    /// <summary>How far a source may tick; null without a limit.</summary>
    public EventTime? LimitOf(int source)
    {
        var own = _sources[source];
        EventTime? limit = null;
        foreach (var other in _sources)
        {
            if (Minds(own, other) && (limit is null || LimitBeside(other) < limit))
                limit = LimitBeside(other);
        }

        return limit;
    }

    /// <summary>It may read no further now.</summary>
    public bool IsHeld(int source)
    {
        var own = _sources[source];
        foreach (var other in _sources)
        {
            if (own.Position is { } position && Minds(own, other) && IsHeldBy(own, position, other))
                return true;
        }

        return false;
    }

    /// <summary>How far time has come for a source that has nothing to read: the clock, or less; null where it must let others begin.</summary>
    public EventTime? Present(int source, EventTime clock)
    {
        var own = _sources[source];
        if (!own.HasTicked && Array.Exists(_sources, other => Minds(own, other) && !other.HasTicked))
            return null;
        return LimitOf(source) is { } limit && limit < clock ? limit : clock;
    }

    private EventTime LimitBeside(Source other) =>
        other.HasTicked ? other.Tick + options.LeadWindows * options.Window
        : other.Beginning is { } beginning && beginning != EventTime.Unknown ? beginning - options.Window
        : EventTime.Unknown;

    private bool IsHeldBy(Source own, EventTime position, Source other) =>
        own.HasTicked || other.HasTicked
            ? position > LimitBeside(other)
            : position.WindowIndex(options.Window) > other.Position!.Value.WindowIndex(options.Window);

    private bool Minds(Source own, Source other) =>
        other != own && other.Position is { } position && other.Unmoved < options.Patience
        && (!own.HasTicked || position == EventTime.Unknown || position >= own.Tick - options.LagWindows * options.Window);

    private sealed class Source
    {
        public EventTime Tick { get; set; } = EventTime.Unknown;

        public EventTime? Beginning { get; set; }

        /// <summary>Time watched since it moved last.</summary>
        public TimeSpan Unmoved { get; set; }

        public bool HasTicked => Tick != EventTime.Unknown;

        public EventTime? Position => HasTicked ? Tick : Beginning;
    }
}
