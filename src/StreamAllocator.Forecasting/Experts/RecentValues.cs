using System.Runtime.InteropServices;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// <em>recent</em>: the quantiles of the last 48 known values, whatever the lead time. State, in 16 bits each: the values in the order
/// they came, the same sorted, and of each of the last 12 origins five of its deciles, to be judged by.
/// </summary>
internal sealed class RecentValues : IExpert
{
    private const int Values = 48;
    private const int Kept = ResidualQuantiles.Kept;
    private const int Past = 2 * Values;
    private const int FilledFloat = (Past + (Horizon.Leads * Kept)) / 2;

    public string Name => "recent";

    public int StateFloats => FilledFloat + 1;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        var codes = MemoryMarshal.Cast<float, ushort>(state);
        var sorted = codes.Slice(Values, Values);
        var place = label.Count % Values;
        var filled = Math.Min(label.Count, Values);
        if (filled == Values)
        {
            Remove(sorted, codes[place]);
            filled--;
        }

        var code = Float16.Encode(label.Value);
        Insert(sorted[..(filled + 1)], code);
        codes[place] = code;
        if (label.Count == 0)
            codes[Past..].Fill(code);
        state[FilledFloat] = filled + 1;
        Remember(codes, sorted[..(filled + 1)], label.Window);
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        var codes = MemoryMarshal.Cast<float, ushort>(state);
        if (query.Back > 0)
        {
            var past = codes.Slice(Past + (Kept * WindowSlot.Of(query.OriginWindow, Horizon.Leads)), Kept);
            for (var k = 0; k < Kept; k++)
                deciles[2 * k] = Float16.Decode(past[k]);
            ResidualQuantiles.FillBetween(deciles);
            return;
        }

        var sorted = codes.Slice(Values, Math.Max((int)state[FilledFloat], 1));
        for (var k = 0; k < deciles.Length; k++)
            deciles[k] = Quantile(sorted, (k + 1) * 0.1f);
    }

    private static void Remember(Span<ushort> codes, ReadOnlySpan<ushort> sorted, long window)
    {
        var past = codes.Slice(Past + (Kept * WindowSlot.Of(window, Horizon.Leads)), Kept);
        for (var k = 0; k < Kept; k++)
            past[k] = Float16.Encode(Quantile(sorted, 0.1f + (0.2f * k)));
    }

    /// <summary>Linear interpolation at q·(n − 1) of the sorted values.</summary>
    private static float Quantile(ReadOnlySpan<ushort> sorted, float level)
    {
        var position = level * (sorted.Length - 1);
        var below = (int)position;
        var lower = Float16.Decode(sorted[below]);
        var upper = Float16.Decode(sorted[Math.Min(below + 1, sorted.Length - 1)]);
        return lower + ((upper - lower) * (position - below));
    }

    private static void Insert(Span<ushort> sorted, ushort code)
    {
        var place = sorted.Length - 1;
        while (place > 0 && sorted[place - 1] > code)
        {
            sorted[place] = sorted[place - 1];
            place--;
        }

        sorted[place] = code;
    }

    private static void Remove(Span<ushort> sorted, ushort code)
    {
        var place = sorted.IndexOf(code);
        sorted[(place + 1)..].CopyTo(sorted[place..]);
    }
}
