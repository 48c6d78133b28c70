using System.Runtime.InteropServices;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// <em>recent</em>: the quantiles of the last 48 known values, whatever the lead time. State: the values in the order they came, the
/// same sorted (16 bits each), and the next place.
/// </summary>
internal sealed class RecentValues : IExpert
{
    private const int Values = 48;

    public string Name => "recent";

    public int StateFloats => Values + 1;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        var codes = MemoryMarshal.Cast<float, ushort>(state);
        var inOrder = codes[..Values];
        var sorted = codes.Slice(Values, Values);
        var place = label.Count % Values;
        var code = Float16.Encode(label.Value);
        var filled = Math.Min(label.Count, Values);
        if (filled == Values)
        {
            Remove(sorted, inOrder[place]);
            filled--;
        }

        Insert(sorted[..(filled + 1)], code);
        inOrder[place] = code;
        state[Values] = filled + 1;
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        var filled = (int)state[Values];
        var sorted = MemoryMarshal.Cast<float, ushort>(state).Slice(Values, Math.Max(filled, 1));
        for (var k = 0; k < deciles.Length; k++)
        {
            var position = (k + 1) * 0.1f * (sorted.Length - 1);
            var below = (int)position;
            var lower = Float16.Decode(sorted[below]);
            var upper = Float16.Decode(sorted[Math.Min(below + 1, sorted.Length - 1)]);
            deciles[k] = lower + ((upper - lower) * (position - below));
        }
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
