using System.Diagnostics;

namespace StreamAllocator.Benchmarks;

/// <summary>CPU time of this process since it was made, all threads together.</summary>
internal sealed class CpuClock
{
    private readonly TimeSpan _start = Now();

    public double Seconds => (Now() - _start).TotalSeconds;

    private static TimeSpan Now()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
