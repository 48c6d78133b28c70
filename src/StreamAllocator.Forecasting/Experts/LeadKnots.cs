using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// The lead times at which residuals, losses and calibration are kept; between them they are interpolated in the square root of the
/// lead, in which the spread of a random walk is a line.
/// </summary>
internal static class LeadKnots
{
    public const int Count = 4;

    private static readonly int[] LeadOfKnot = [1, 3, 6, Horizon.Leads];
    private static readonly int[] LowerOfLead = new int[Horizon.Leads + 1];
    private static readonly int[] KnotOfLead = new int[Horizon.Leads + 1];
    private static readonly float[] ShareOfLead = new float[Horizon.Leads + 1];

    static LeadKnots()
    {
        for (var lead = 1; lead <= Horizon.Leads; lead++)
        {
            var knot = 0;
            while (knot < Count - 2 && LeadOfKnot[knot + 1] <= lead)
                knot++;
            LowerOfLead[lead] = knot;
            KnotOfLead[lead] = Array.IndexOf(LeadOfKnot, lead);
            var from = Math.Sqrt(LeadOfKnot[knot]);
            ShareOfLead[lead] = (float)((Math.Sqrt(lead) - from) / (Math.Sqrt(LeadOfKnot[knot + 1]) - from));
        }
    }

    /// <summary>Lead times, in windows, of the knots.</summary>
    public static ReadOnlySpan<int> Leads => LeadOfKnot;

    /// <summary>The knot at exactly this lead, or -1.</summary>
    public static int At(int lead) => KnotOfLead[lead];

    /// <summary>The knot at or before a lead; the next one has the share <see cref="UpperShare"/>.</summary>
    public static int Lower(int lead) => LowerOfLead[lead];

    public static float UpperShare(int lead) => ShareOfLead[lead];
}
