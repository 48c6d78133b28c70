using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// The wall clock of this machine, but for its jumps: where it moves by more than a minute against the time that has passed, time goes on as
/// before, for a clock that runs an hour ahead would close the windows of an hour whose samples are still to come. Whether the jump was an error
/// or the end of one, the records tell that arrive then: once they agree with the wall clock again and again, it is followed. Thread-safe.
/// </summary>
/// <param name="report">Hears of a jump, and of its end.</param>
public sealed class SteadyClock(TimeProvider wall, Action<string> report) : TimeProvider
{
    /// <summary>Records more that agree with the jump than that speak against it, since the last of those that had their way.</summary>
    public const int VotesToFollow = 20;

    private static readonly TimeSpan LargestStep = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _anchor = wall.GetUtcNow();
    private long _anchored = wall.GetTimestamp();
    private bool _jumped;
    private int _votes;

    public override long TimestampFrequency => wall.TimestampFrequency;

    public override long GetTimestamp() => wall.GetTimestamp();

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            var (steady, told) = Read();
            if ((told - steady).Duration() > LargestStep)
            {
                if (!_jumped)
                    report($"this machine's clock has jumped by {told - steady:c}: time goes on as before, until the clock is back or what arrives agrees with it");
                _jumped = true;
                return steady;
            }

            if (_jumped)
                report("this machine's clock is back where it was before its jump");
            Follow(told);
            return told;
        }
    }

    /// <summary>A record has just arrived that was made at that time, or so it says.</summary>
    public void Hear(EventTime made)
    {
        lock (_gate)
        {
            if (!_jumped || made == EventTime.Unknown)
                return;
            var (steady, told) = Read();
            // One that fits neither well comes from a backlog, or has a clock of its own.
            var close = (told - steady).Duration() / 4;
            if ((made - EventTime.From(told)).Duration() < close)
                _votes++;
            else if ((made - EventTime.From(steady)).Duration() < close)
                _votes = Math.Max(0, _votes - 1);
            if (_votes < VotesToFollow)
                return;
            report($"what arrives agrees with the jump of this machine's clock by {told - steady:c}: it is followed");
            Follow(told);
        }
    }

    private (DateTimeOffset Steady, DateTimeOffset Told) Read() => (_anchor + wall.GetElapsedTime(_anchored), wall.GetUtcNow());

    private void Follow(DateTimeOffset told)
    {
        (_anchor, _anchored) = (told, wall.GetTimestamp());
        (_jumped, _votes) = (false, 0);
    }
}
