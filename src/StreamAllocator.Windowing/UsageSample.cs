using StreamAllocator.Domain;

namespace StreamAllocator.Windowing;

/// <summary>What a VM used during the interval that ends at <paramref name="Time"/>; NaN is missing. CPU in cores, memory in GiB, rates in bytes per second.</summary>
/// <param name="CpuMax">Highest within the interval.</param>
/// <param name="ThrottledRatio">Share of the interval in which CPU was wanted and not given, 0 to 1.</param>
public readonly record struct UsageSample(
    EventTime Time,
    float Cpu,
    float CpuMax,
    float Memory,
    float Disk,
    float Network,
    float CpuAllocated,
    float MemoryAllocated,
    float ThrottledRatio);
