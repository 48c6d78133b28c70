namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>Amounts in whole steps. An amount within a billionth of a step counts as that step, so that 0.3 / 0.1 is three steps.</summary>
internal static class Steps
{
    private const double Slack = 1e-9;

    public static double Up(double amount, double step) => Math.Ceiling(amount / step - Slack) * step;

    public static double Down(double amount, double step) => Math.Max(0, Math.Floor(amount / step + Slack) * step);
}
