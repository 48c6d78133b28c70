using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>Waits before the next try: the first wait, then twice as long each time, up to the longest.</summary>
internal static class BackOff
{
    public static void AfterFailure(ref VmState state, EventTime time, DecisionOptions options) =>
        state.RetryMs = time.UnixMilliseconds + WaitMs(++state.Failures, options);

    public static void AfterDenial(ref VmState state, EventTime time, DecisionOptions options) =>
        state.RetryMs = time.UnixMilliseconds + WaitMs(++state.Denials, options);

    private static long WaitMs(int times, DecisionOptions options)
    {
        var first = (long)options.BackOffFirst.TotalMilliseconds;
        var longest = (long)options.BackOffMax.TotalMilliseconds;
        var doublings = Math.Min(times - 1, 30);
        return first > longest >> doublings ? longest : first << doublings;
    }
}
