using StreamAllocator.Domain;

namespace StreamAllocator.Simulation.Tests;

/// <summary>A wall clock that stands until the test moves it.</summary>
internal sealed class SteppedClock(EventTime now) : TimeProvider
{
    public EventTime Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();
}
