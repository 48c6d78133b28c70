namespace StreamAllocator.Domain;

/// <summary>
/// What deciding needs of one VM's newest window and forecast: a view over the caller's columns, valid while they are.
/// </summary>
/// <param name="vmId">1–200 printable characters.</param>
/// <param name="origin">End of the newest closed window.</param>
/// <param name="dataAgeWindows">Windows since the newest known sample; 0 is fresh.</param>
/// <param name="flags">Evidence and state of that window.</param>
/// <param name="levels"><see cref="LevelCount"/> values: per resizable resource (CPU cores, then memory GiB) the usage mean and
/// maximum of the window (NaN is missing), the forecast mean and standard deviation at the planning lead.</param>
/// <param name="dwellQuantiles"><see cref="DwellCount"/> values: quantiles at <see cref="QuantileLevels"/> of the maximum over the
/// next hour, for CPU, then memory; then the same over the next 15 minutes.</param>
/// <param name="modelVersion">What made the forecast.</param>
public readonly ref struct DemandOutlook(
    string vmId,
    EventTime origin,
    int dataAgeWindows,
    OutlookFlags flags,
    ReadOnlySpan<float> levels,
    ReadOnlySpan<float> dwellQuantiles,
    string modelVersion)
{
    public const int LevelsPerResource = 4;
    public const int LevelCount = Resources.ResizableCount * LevelsPerResource;
    public const int DwellCount = 2 * Resources.ResizableCount * QuantileLevels.Count;

    public string VmId { get; } = vmId;

    public EventTime Origin { get; } = origin;

    public int DataAgeWindows { get; } = dataAgeWindows;

    public OutlookFlags Flags { get; } = flags;

    public string ModelVersion { get; } = modelVersion;

    public ReadOnlySpan<float> Levels { get; } = levels.Length == LevelCount
        ? levels
        : throw new ArgumentException($"{levels.Length} levels: expected {LevelCount}", nameof(levels));

    public ReadOnlySpan<float> DwellQuantiles { get; } = dwellQuantiles.Length == DwellCount
        ? dwellQuantiles
        : throw new ArgumentException($"{dwellQuantiles.Length} quantiles: expected {DwellCount}", nameof(dwellQuantiles));

    public float UsageMean(Resource resource) => Levels[(int)resource * LevelsPerResource];

    public float UsageMax(Resource resource) => Levels[(int)resource * LevelsPerResource + 1];

    public float ForecastMean(Resource resource) => Levels[(int)resource * LevelsPerResource + 2];

    public float ForecastStddev(Resource resource) => Levels[(int)resource * LevelsPerResource + 3];

    /// <summary>Quantiles of the maximum over the next hour, ascending.</summary>
    public ReadOnlySpan<float> NextHour(Resource resource) =>
        DwellQuantiles.Slice((int)resource * QuantileLevels.Count, QuantileLevels.Count);

    /// <summary>Quantiles of the maximum over the next 15 minutes, ascending.</summary>
    public ReadOnlySpan<float> NextQuarterHour(Resource resource) =>
        DwellQuantiles.Slice((Resources.ResizableCount + (int)resource) * QuantileLevels.Count, QuantileLevels.Count);
}

/// <summary>Evidence and state of a window. The bits are those of the wire.</summary>
[Flags]
public enum OutlookFlags
{
    None = 0,

    /// <summary>Too little history, or a restored task that has not caught up: nothing may shrink.</summary>
    Warming = 1,

    /// <summary>Usage at or near the allocation: demand is at least this much.</summary>
    CpuSaturated = 2,

    MemorySaturated = 4,

    /// <summary>The scheduler kept the VM waiting for CPU.</summary>
    Throttled = 8,
}
