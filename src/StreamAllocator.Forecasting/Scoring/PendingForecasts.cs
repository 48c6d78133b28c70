using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Scoring;

/// <summary>
/// The served deciles whose actual has not come yet, in 16 bits a quantile. Lead h has h places, and the forecast for a target stands
/// at <c>target mod h</c>, where the one for the target h windows earlier stood: 78 places of 9.
/// </summary>
internal static class PendingForecasts
{
    public const int Floats = Horizon.Leads * (Horizon.Leads + 1) / 2 * QuantileLevels.DecileCount / 2 + 1;

    public static void Put(Span<ushort> pending, long originWindow, int lead, ReadOnlySpan<float> deciles)
    {
        var place = Place(pending, originWindow, lead);
        for (var k = 0; k < place.Length; k++)
            place[k] = Float16.Encode(deciles[k]);
    }

    /// <summary>Nothing was served at this origin: its places must not be taken for it.</summary>
    public static void Forget(Span<ushort> pending, long originWindow)
    {
        for (var lead = 1; lead <= Horizon.Leads; lead++)
            Place(pending, originWindow, lead)[0] = Float16.NaN;
    }

    /// <summary>The deciles served at <paramref name="originWindow"/> for a lead; false if none were.</summary>
    public static bool TryGet(Span<ushort> pending, long originWindow, int lead, Span<float> deciles)
    {
        var place = Place(pending, originWindow, lead);
        if (place[0] == Float16.NaN)
            return false;
        for (var k = 0; k < place.Length; k++)
            deciles[k] = Float16.Decode(place[k]);
        return true;
    }

    private static Span<ushort> Place(Span<ushort> pending, long originWindow, int lead)
    {
        var slot = WindowSlot.Of(originWindow, lead);
        return pending.Slice(((lead * (lead - 1) / 2) + slot) * QuantileLevels.DecileCount, QuantileLevels.DecileCount);
    }
}
