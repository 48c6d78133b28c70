using System.Diagnostics;

namespace StreamAllocator.Kafka;

/// <summary>A moment until which something is tried; by the monotonic clock.</summary>
internal readonly struct Deadline(TimeSpan wait)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>At least zero.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = wait - Stopwatch.GetElapsedTime(_started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public bool HasPassed => Left == TimeSpan.Zero;
}
