using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// The largest usage of the last hours in a ring of buckets: an observation lands in the bucket of its time, a bucket is forgotten
/// when one a whole ring later begins. Missing windows forget nothing, so a silent VM keeps its guard.
/// </summary>
internal static class RecentMaximum
{
    public const int Buckets = 12;

    /// <summary>Notes the usage maxima of the window that ends at <paramref name="origin"/>; NaN is missing.</summary>
    public static void Observe(ref VmState state, EventTime origin, float cpuMax, float memoryMax, TimeSpan guardWindow)
    {
        if (float.IsNaN(cpuMax) && float.IsNaN(memoryMax))
            return;
        // The window ended at its origin, so it belongs to the bucket of the instant before.
        var bucket = EventTime.FloorDiv(origin.UnixMilliseconds - 1, Math.Max(1, (long)guardWindow.TotalMilliseconds / Buckets));
        if (state.RecentBucket == VmState.Never || bucket - state.RecentBucket >= Buckets)
        {
            state.Resources[0].Recent = default;
            state.Resources[1].Recent = default;
            state.RecentBucket = bucket;
        }

        while (state.RecentBucket < bucket)
        {
            var slot = Slot(++state.RecentBucket);
            state.Resources[0].Recent[slot] = 0;
            state.Resources[1].Recent[slot] = 0;
        }

        if (bucket <= state.RecentBucket - Buckets)
            return;
        Raise(ref state.Resources[0], Slot(bucket), cpuMax);
        Raise(ref state.Resources[1], Slot(bucket), memoryMax);
    }

    public static float Of(in ResourceState state)
    {
        var maximum = 0f;
        for (var bucket = 0; bucket < Buckets; bucket++)
            maximum = Math.Max(maximum, state.Recent[bucket]);
        return maximum;
    }

    private static int Slot(long bucket) => (int)(bucket - EventTime.FloorDiv(bucket, Buckets) * Buckets);

    private static void Raise(ref ResourceState state, int slot, float value)
    {
        if (value > state.Recent[slot])
            state.Recent[slot] = value;
    }
}
