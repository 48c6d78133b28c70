namespace StreamAllocator.Backtest.Workloads;

/// <summary>What one VM wants in one window, whatever it is granted: means over the window, and the largest CPU within it. Never NaN.</summary>
public readonly record struct Demand(
    double CpuCores, double CpuCoresMax, double MemoryGib, double DiskBytesPerSecond, double NetworkBytesPerSecond);
