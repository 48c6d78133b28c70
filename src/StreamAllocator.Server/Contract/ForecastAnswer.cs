namespace StreamAllocator.Server.Contract;

/// <summary>The demand of one VM over the coming minutes: a row a lead time, and the maximum over the time until it can be resized again.</summary>
/// <param name="Origin">End of the newest window that the forecast knows.</param>
/// <param name="DataAgeSeconds">Event time now minus the newest known sample.</param>
/// <param name="Warming">Too little history to shrink on.</param>
/// <param name="QuantileLevels">Of every list of quantiles here, ascending.</param>
public sealed record ForecastAnswer(
    string VmId,
    DateTime Origin,
    double WindowMinutes,
    double HorizonMinutes,
    string ModelVersion,
    double DataAgeSeconds,
    uint DataAgeWindows,
    bool Warming,
    IReadOnlyList<float> QuantileLevels,
    IReadOnlyList<ForecastRow> Rows,
    DwellMaximumAnswer DwellMaximum);

/// <summary>
/// Demand in the window that ends at <paramref name="Timestamp"/>: CPU in cores, memory in GiB, disk and network in bytes per second. Null where a
/// resource has never been seen.
/// </summary>
public sealed record ForecastRow(
    DateTime Timestamp,
    float? CpuDemandMean,
    float? CpuDemandStddev,
    float? MemoryDemandMean,
    float? MemoryDemandStddev,
    float? DiskDemandMean,
    float? DiskDemandStddev,
    float? NetworkDemandMean,
    float? NetworkDemandStddev,
    IReadOnlyList<float?>? CpuDemandQuantiles,
    IReadOnlyList<float?>? MemoryDemandQuantiles,
    IReadOnlyList<float?>? DiskDemandQuantiles,
    IReadOnlyList<float?>? NetworkDemandQuantiles);

/// <summary>Quantiles of the maximum demand, by resource.</summary>
public sealed record DwellMaximumAnswer(DwellQuantiles? Cpu, DwellQuantiles? Memory, DwellQuantiles? Disk, DwellQuantiles? Network);

/// <summary>Over the next hour, and over the next 15 minutes.</summary>
public sealed record DwellQuantiles(IReadOnlyList<float?> Hour, IReadOnlyList<float?> QuarterHour);
