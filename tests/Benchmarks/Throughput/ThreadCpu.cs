using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>CPU time of threads, in nanoseconds, as Linux counts it.</summary>
internal static unsafe partial class ThreadCpu
{
    private const int ThreadCpuClock = 3;

    /// <summary>Of the calling thread.</summary>
    public static long Mine
    {
        get
        {
            var time = stackalloc long[2];
            return ClockGetTime(ThreadCpuClock, time) == 0 ? time[0] * 1_000_000_000 + time[1] : throw new InvalidOperationException("clock_gettime");
        }
    }

    /// <summary>Of each thread that lives: its name and what it has used.</summary>
    public static Dictionary<string, (string Name, long Nanoseconds)> All()
    {
        var all = new Dictionary<string, (string, long)>(StringComparer.Ordinal);
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                var used = File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0];
                all[Path.GetFileName(thread)] = (File.ReadAllText(Path.Combine(thread, "comm")).Trim(), long.Parse(used, CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended in between.
            }
        }

        return all;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, long* time);
}
