using StreamAllocator.Domain;

namespace StreamAllocator.Simulation.Tests;

/// <summary>A wall clock that stands until the test moves it.</summary>
internal sealed class SteppedClock(EventTime now) : TimeProvider
{
    public EventTime Now { get; set; } = now;

    /// <summary>How far the wall clock is off; what has passed is not.</summary>
    public TimeSpan Skew { get; set; }

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Now.UnixMilliseconds;

    public override DateTimeOffset GetUtcNow() => (Now + Skew).ToDateTimeOffset();
}
