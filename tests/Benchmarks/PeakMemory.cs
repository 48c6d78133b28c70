using System.Globalization;

namespace StreamAllocator.Benchmarks;

/// <summary>Highest resident memory of this process so far, as the kernel has it.</summary>
internal static class PeakMemory
{
    public static double Mebibytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("VmHWM:".Length, line.Length - "VmHWM:".Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) / 1024.0;
    }
}
