using StreamAllocator.Schemas;

namespace StreamAllocator.History.Points;

/// <summary>A size as two fields: <c>cpu_cores_target</c>, <c>memory_gib_target</c>.</summary>
internal static class Sizes
{
    public static void Append(Point point, string what, Size? size)
    {
        if (size is null)
            return;
        point.Field($"cpu_cores_{what}", size.CpuCores).Field($"memory_gib_{what}", size.MemoryGib);
    }
}
