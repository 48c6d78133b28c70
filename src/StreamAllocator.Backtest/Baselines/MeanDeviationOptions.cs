namespace StreamAllocator.Backtest.Baselines;

/// <summary>The rule "mean + k·σ of the last day", followed at once at every window.</summary>
public sealed record MeanDeviationOptions
{
    /// <summary>Standard deviations above the mean.</summary>
    public double Deviations { get; init; } = 3;

    /// <summary>Length of the moving window; 288 windows of 5 minutes are 24 hours.</summary>
    public int Windows { get; init; } = 288;

    /// <summary>Windows known before the rule acts; until then the VM keeps its provisioned size.</summary>
    public int FewestWindows { get; init; } = 12;

    /// <summary>An allocation is a whole number of these, rounded up.</summary>
    public double CpuStepCores { get; init; } = 0.1;

    public double MemoryStepGib { get; init; } = 0.25;

    public IEnumerable<string> Violations()
    {
        if (!double.IsFinite(Deviations) || Deviations < 0)
            yield return FormattableString.Invariant($"deviations {Deviations}: expected a finite number, 0 or more");
        if (Windows is < 2 or > 100_000)
            yield return FormattableString.Invariant($"windows {Windows}: expected 2 to 100000");
        if (FewestWindows < 2 || FewestWindows > Windows)
            yield return FormattableString.Invariant($"fewest windows {FewestWindows}: expected 2 to {Windows}");
        if (!(CpuStepCores > 0) || !(MemoryStepGib > 0))
            yield return FormattableString.Invariant($"steps {CpuStepCores} cores, {MemoryStepGib} GiB: expected more than 0");
    }
}
