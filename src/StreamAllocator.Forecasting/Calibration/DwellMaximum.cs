using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Calibration;

/// <summary>
/// Quantiles of the largest peak over the next 3 and 12 windows. The maximum of forecasts is not the forecast of the maximum, so its
/// position above the highest served median, in units of the served spread, is tracked on what came. State: the last 12 peaks; for each
/// horizon centre and spread of the origins that wait for their label; for each horizon 13 tracked positions.
/// </summary>
internal static class DwellMaximum
{
    public const int Floats = Words / 2 + (DwellHorizons.Count * QuantileLevels.Count);

    private const int Words = Horizon.Leads + (2 * (3 + Horizon.Leads));

    /// <summary>Labels of one horizon overlap: as many as it has windows say the same thing once.</summary>
    private const float RateOfOneWindow = 0.15f;

    /// <summary>Wider than most series need: an unknown VM is not sized on hope.</summary>
    private static readonly float[] AtStart = [0, 0.2f, 0.4f, 0.6f, 0.8f, 1, 1.3f, 1.7f, 2.4f, 3.2f, 6, 9, 15];

    public static void Start(Span<float> state, Span<ushort> words)
    {
        words.Fill(Float16.NaN);
        for (var horizon = 0; horizon < DwellHorizons.Count; horizon++)
            AtStart.CopyTo(Positions(state, horizon));
    }

    /// <summary>One window closed; its peak is NaN if it is missing.</summary>
    public static void Observe(Span<float> state, Span<ushort> words, long window, float peak, float floor)
    {
        words[WindowSlot.Of(window, Horizon.Leads)] = Float16.Encode(peak);
        for (var horizon = 0; horizon < DwellHorizons.Count; horizon++)
        {
            var length = DwellHorizons.Windows[horizon];
            var place = Waiting(words, horizon, window);
            if (place[0] != Float16.NaN && TryMaximum(words, window, length, out var maximum))
            {
                var spread = Math.Max(Float16.Decode(place[1]), floor);
                if (spread > 0)
                    PositionTracker.Update(Positions(state, horizon), Levels.All, (maximum - Float16.Decode(place[0])) / spread, RateOfOneWindow / length);
            }

            // Until a forecast is served at this origin none waits for it.
            place[0] = Float16.NaN;
        }
    }

    /// <summary>Quantiles for one horizon from its served centre and spread, which wait for their label.</summary>
    public static void Serve(Span<float> state, Span<ushort> words, long origin, int horizon, float centre, float spread, Span<float> quantiles)
    {
        var place = Waiting(words, horizon, origin);
        place[0] = Float16.Encode(centre);
        place[1] = Float16.Encode(spread);
        var positions = Positions(state, horizon);
        for (var k = 0; k < quantiles.Length; k++)
            quantiles[k] = centre + (spread * positions[k]);
    }

    /// <summary>The largest of the last peaks; not known if more than a quarter of them is missing.</summary>
    private static bool TryMaximum(ReadOnlySpan<ushort> words, long window, int length, out float maximum)
    {
        var largest = 0;
        var known = 0;
        var slot = WindowSlot.Of(window, Horizon.Leads);
        for (var back = 0; back < length; back++)
        {
            var code = words[slot];
            slot = slot == 0 ? Horizon.Leads - 1 : slot - 1;
            if (code == Float16.NaN)
                continue;
            largest = Math.Max(largest, code);
            known++;
        }

        maximum = Float16.Decode((ushort)largest);
        return known * 4 >= length * 3;
    }

    private static Span<ushort> Waiting(Span<ushort> words, int horizon, long window)
    {
        var length = DwellHorizons.Windows[horizon];
        var start = Horizon.Leads + (horizon == DwellHorizons.Near ? 0 : 2 * DwellHorizons.Windows[DwellHorizons.Near]);
        return words.Slice(start + (2 * WindowSlot.Of(window, length)), 2);
    }

    private static Span<float> Positions(Span<float> state, int horizon) =>
        state.Slice((Words / 2) + (horizon * QuantileLevels.Count), QuantileLevels.Count);
}
