using System.Runtime.InteropServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Scoring;

/// <summary>
/// The served deciles whose actual has not come yet. Lead h has h places, and the forecast for a target stands at <c>target mod h</c>,
/// where the one for the target h windows earlier stood: 78 places.
/// </summary>
internal static class PendingForecasts
{
    public const int Floats = ((Horizon.Leads * (Horizon.Leads + 1) / 2 * PackedDeciles.Bytes) + 3) / sizeof(float);

    /// <summary>Nothing waits.</summary>
    public static void Start(Span<float> pending)
    {
        for (var origin = 0; origin < Horizon.Leads; origin++)
            Forget(pending, origin);
    }

    /// <summary>Keeps deciles that are being served; they are rounded to what is kept.</summary>
    public static void Put(Span<float> pending, long originWindow, int lead, Span<float> deciles, float ceiling) =>
        PackedDeciles.Pack(deciles, Place(pending, originWindow, lead), ceiling);

    /// <summary>Nothing was served at this origin (yet): its places must not be taken for it.</summary>
    public static void Forget(Span<float> pending, long originWindow)
    {
        for (var lead = 1; lead <= Horizon.Leads; lead++)
            PackedDeciles.Clear(Place(pending, originWindow, lead));
    }

    /// <summary>The deciles served at <paramref name="originWindow"/> for a lead; false if none were.</summary>
    public static bool TryGet(Span<float> pending, long originWindow, int lead, Span<float> deciles) =>
        PackedDeciles.TryUnpack(Place(pending, originWindow, lead), deciles);

    private static Span<byte> Place(Span<float> pending, long originWindow, int lead)
    {
        var place = (lead * (lead - 1) / 2) + WindowSlot.Of(originWindow, lead);
        return MemoryMarshal.AsBytes(pending).Slice(place * PackedDeciles.Bytes, PackedDeciles.Bytes);
    }
}
