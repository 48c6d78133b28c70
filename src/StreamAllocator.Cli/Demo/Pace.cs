using System.Diagnostics;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Demo;

/// <summary>
/// Holds event time to a multiple of wall time. Only waiting depends on it, never a value: a run at another speed is the same run.
/// Thread-safe.
/// </summary>
/// <param name="speed">Event time per wall time; 0 never waits.</param>
/// <param name="from">Up to this time the run has been already: catching up is not held back.</param>
/// <param name="stop">Ends every wait.</param>
internal sealed class Pace(double speed, EventTime from, CancellationToken stop)
{
    /// <summary>A run that fell behind by more than this goes on from where it is instead of racing.</summary>
    private static readonly TimeSpan LongestRace = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private EventTime _anchor = EventTime.Unknown;
    private long _anchored;

    /// <summary>Returns when this event time is due.</summary>
    public void Wait(EventTime time)
    {
        if (speed > 0 && time > from && Due(time) is var wait && wait > TimeSpan.Zero)
            stop.WaitHandle.WaitOne(wait);
    }

    private TimeSpan Due(EventTime time)
    {
        lock (_gate)
        {
            if (_anchor != EventTime.Unknown)
            {
                var wait = (time - _anchor) / speed - Stopwatch.GetElapsedTime(_anchored);
                if (wait > -LongestRace)
                    return wait;
            }

            (_anchor, _anchored) = (time, Stopwatch.GetTimestamp());
            return TimeSpan.Zero;
        }
    }
}
