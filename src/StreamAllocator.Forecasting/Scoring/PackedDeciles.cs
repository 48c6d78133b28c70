using System.Runtime.InteropServices;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Scoring;

/// <summary>
/// Nine deciles in 11 bytes: the median in 16 bits, the exponent of the largest gap, and the eight gaps outwards from the median in 4
/// bits of exponent below that one and 4 of mantissa (3 % of a gap). A gap of 0 and a quantile of 0 stay exactly so: they are mass points.
/// What is served is what these bytes say, so judging it later is exact.
/// </summary>
internal static class PackedDeciles
{
    public const int Bytes = 3 + (2 * Median);

    private const int Median = QuantileLevels.Median;
    private const int Shift = 19;
    private const int MantissaBits = 4;
    private const int Exponents = 16;
    private const byte ToZero = 255;

    /// <summary>Marks a place that holds no forecast.</summary>
    public static void Clear(Span<byte> packed)
    {
        packed[0] = 0xFF;
        packed[1] = 0xFF;
    }

    /// <summary>Packs ascending deciles between 0 and the ceiling; they are what was packed afterwards, none above the ceiling.</summary>
    public static void Pack(Span<float> deciles, Span<byte> packed, float ceiling)
    {
        Write(deciles, packed, Float16.Encode(deciles[Median]), 1 << (Shift - 1));
        Span<float> kept = stackalloc float[QuantileLevels.DecileCount];
        TryUnpack(packed, kept);
        if (kept[^1] > ceiling)
        {
            // Rounded over the edge: again, and everything upwards of and with the median down.
            Write(deciles, packed, Float16.EncodeBelow(deciles[Median]), 0);
            TryUnpack(packed, kept);
        }

        kept.CopyTo(deciles);
    }

    /// <summary>False if the place holds no forecast.</summary>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, Span<float> deciles)
    {
        var median = MemoryMarshal.Read<ushort>(packed);
        if (median == Float16.NaN)
            return false;
        var lower = Float16.Decode(median);
        var upper = lower;
        deciles[Median] = lower;
        for (var k = 0; k < Median; k++)
        {
            lower = packed[3 + k] == ToZero ? 0 : Math.Max(0, lower - Gap(packed[3 + k], packed[2]));
            upper += Gap(packed[3 + Median + k], packed[2]);
            deciles[Median - 1 - k] = lower;
            deciles[Median + 1 + k] = upper;
        }

        return true;
    }

    private static void Write(ReadOnlySpan<float> deciles, Span<byte> packed, ushort median, int rounding)
    {
        MemoryMarshal.Write(packed, median);
        var largest = 0f;
        for (var k = 1; k < deciles.Length; k++)
            largest = Math.Max(largest, deciles[k] - deciles[k - 1]);
        packed[2] = (byte)(BitConverter.SingleToInt32Bits(largest) >> 23);
        for (var k = 0; k < Median; k++)
        {
            var below = deciles[Median - 1 - k];
            packed[3 + k] = below == 0 ? ToZero : Code(deciles[Median - k] - below, packed[2], rounding);
            packed[3 + Median + k] = Code(deciles[Median + 1 + k] - deciles[Median + k], packed[2], rounding);
        }
    }

    private static byte Code(float gap, int largestExponent, int rounding)
    {
        var code = ((BitConverter.SingleToInt32Bits(gap) + rounding) >> Shift) - Offset(largestExponent);
        return (byte)Math.Clamp(code, 0, ToZero - 1);
    }

    private static float Gap(byte code, int largestExponent) =>
        code == 0 ? 0 : BitConverter.Int32BitsToSingle((code + Offset(largestExponent)) << Shift);

    /// <summary>What code 0 would be, counted in units of the last mantissa bit; below the range of a single it is cut off at 0.</summary>
    private static int Offset(int largestExponent) => Math.Max(0, largestExponent - Exponents + 1) << MantissaBits;
}
