namespace StreamAllocator.Backtest.Baselines;

/// <summary>Running totals of one rule on one resource over a fleet. A sample is one window of one VM; all have the same length.</summary>
public readonly record struct AllocationTotals(double Allocated, double Provisioned, long Samples, long Violations, long Resizes)
{
    /// <summary>∫ allocation / ∫ provisioned; NaN before the first sample.</summary>
    public double Footprint => Allocated / Provisioned;

    /// <summary>Share of samples with demand above the allocation; NaN before the first.</summary>
    public double ViolationRate => (double)Violations / Samples;

    /// <param name="changed">The allocation differs from the VM's one before.</param>
    public AllocationTotals Add(double demand, double allocated, double provisioned, bool changed) => new(
        Allocated + allocated,
        Provisioned + provisioned,
        Samples + 1,
        Violations + (demand > allocated ? 1 : 0),
        Resizes + (changed ? 1 : 0));

    public static AllocationTotals operator +(in AllocationTotals left, in AllocationTotals right) => new(
        left.Allocated + right.Allocated,
        left.Provisioned + right.Provisioned,
        left.Samples + right.Samples,
        left.Violations + right.Violations,
        left.Resizes + right.Resizes);
}
