namespace StreamAllocator.Decisions;

/// <summary>Rounds to what a host can grant. A multiple that is off by the last bits of a double stays where it is.</summary>
internal static class Granularity
{
    private const double Noise = 1e-6;

    public static double RoundUp(double amount, double step) => Math.Ceiling(amount / step - Noise) * step;

    public static double RoundDown(double amount, double step) => Math.Floor(amount / step + Noise) * step;

    /// <summary>
    /// Rounded up, but never above <paramref name="upper"/>: where no multiple lies between, the bound itself. A multiple below it would
    /// be less than is needed, and of a VM smaller than one step it would be nothing.
    /// </summary>
    public static double RoundUpWithin(double amount, double step, double upper) => Math.Min(RoundUp(amount, step), upper);

    /// <summary>Within the bounds of a VM; where they contradict each other the upper one holds, and nothing throws.</summary>
    public static double Within(double amount, double lower, double upper) => Math.Min(Math.Max(amount, lower), upper);

    /// <summary>Less than half a step apart: no host could tell them apart.</summary>
    public static bool IsSame(double left, double right, double step) => Math.Abs(left - right) < step / 2;
}
