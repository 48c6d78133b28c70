namespace StreamAllocator.Forecasting.Sketches;

/// <summary>
/// A value of 0 or more in 16 bits: 6 bits of exponent and 10 of mantissa cut out of the IEEE single, 2^-20 (1e-6) to 2^43 (9e12),
/// rounded to nearest: relative error at most 2^-11 (0.05 %). Below the range it is 0, above it the largest; 0xFFFF is NaN.
/// Codes are ordered as the values are, so sorting codes sorts values.
/// </summary>
internal static class Float16
{
    public const ushort NaN = 0xFFFF;

    private const int MantissaBits = 10;
    private const int Shift = 23 - MantissaBits;
    private const int LowestExponent = 127 - 20;
    private const int Offset = LowestExponent << MantissaBits;
    private const int LargestCode = NaN - 1;

    /// <summary>The largest value there is, 9e12.</summary>
    public static readonly float Largest = Decode(LargestCode);

    public static ushort Encode(float value)
    {
        if (float.IsNaN(value))
            return NaN;
        if (value <= 0)
            return 0;
        var bits = BitConverter.SingleToInt32Bits(value);
        var code = ((bits + (1 << (Shift - 1))) >> Shift) - Offset;
        return (ushort)Math.Clamp(code, 0, LargestCode);
    }

    /// <summary>The code of the largest value that is surely less than this one (or 0).</summary>
    public static ushort EncodeBelow(float value) => (ushort)Math.Max(0, Encode(value) - 1);

    public static float Decode(ushort code) => code switch
    {
        0 => 0,
        NaN => float.NaN,
        _ => BitConverter.Int32BitsToSingle((code + Offset) << Shift),
    };
}
