using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Tests;

internal static class Commands
{
    public static ResizeCommand Resize(string vmId, long revision, VmSize target, VmSize expected, EventTime issued, string placement = "") =>
        new(vmId, "pool", revision, target, expected, 1, issued, issued + TimeSpan.FromMinutes(10), placement, []);
}
