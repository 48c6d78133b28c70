namespace StreamAllocator.Domain;

/// <summary>
/// Elementary functions in fixed-order IEEE double arithmetic. libm picks FMA or non-FMA variants at run time, so its last bit differs
/// between CPUs; these differ nowhere. Relative error below 1e-13 (held by a test against libm), which the callers do not notice.
/// </summary>
public static class ExactMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>e^x by range reduction to |r| ≤ ln2/2 and a Taylor polynomial of degree 13.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x > 709.7)
            return double.PositiveInfinity;
        if (x < -745)
            return 0;
        var k = Math.Round(x * 1.4426950408889634);
        var r = (x - k * Ln2High) - k * Ln2Low;
        var sum = 1.0;
        for (var n = 13; n >= 1; n--)
            sum = 1 + sum * r / n;
        return ScaleByPowerOfTwo(sum, (int)k);
    }

    /// <summary>Natural logarithm: x = m·2^e with m in [√½, √2), then the series of 2·atanh((m−1)/(m+1)).</summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0)
            return double.NaN;
        if (x == 0)
            return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x))
            return x;
        var exponent = Math.ILogB(x);
        var mantissa = ScaleByPowerOfTwo(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        var sum = 0.0;
        for (var n = 21; n >= 1; n -= 2)
            sum = sum * square + 1.0 / n;
        return exponent * Ln2High + (2 * s * sum + exponent * Ln2Low);
    }

    public static double Pow(double x, double y) => x == 0 ? (y == 0 ? 1 : 0) : Exp(y * Log(x));

    /// <summary>Sine of an angle in turns (1 = 2π), reduced exactly to an eighth of a turn.</summary>
    public static double SinOfTurns(double turns)
    {
        var fraction = turns - Math.Floor(turns);
        var eighth = (int)(fraction * 8);
        return eighth switch
        {
            0 => SinSeries(fraction),
            1 => CosSeries(0.25 - fraction),
            2 => CosSeries(fraction - 0.25),
            3 => SinSeries(0.5 - fraction),
            4 => -SinSeries(fraction - 0.5),
            5 => -CosSeries(0.75 - fraction),
            6 => -CosSeries(fraction - 0.75),
            _ => -SinSeries(1 - fraction),
        };
    }

    public static double CosOfTurns(double turns) => SinOfTurns(turns + 0.25);

    private static double SinSeries(double turns)
    {
        var x = turns * (2 * Math.PI);
        var square = x * x;
        var sum = 1.0;
        for (var n = 16; n >= 2; n -= 2)
            sum = 1 - sum * square / (n * (n + 1));
        return x * sum;
    }

    private static double CosSeries(double turns)
    {
        var x = turns * (2 * Math.PI);
        var square = x * x;
        var sum = 1.0;
        for (var n = 17; n >= 1; n -= 2)
            sum = 1 - sum * square / (n * (n + 1));
        return sum;
    }

    /// <summary>Exact: a product with powers of two, in two halves so that subnormal results round once.</summary>
    private static double ScaleByPowerOfTwo(double value, int exponent)
    {
        while (exponent > 1000)
        {
            value *= PowerOfTwo(1000);
            exponent -= 1000;
        }

        while (exponent < -1000)
        {
            value *= PowerOfTwo(-1000);
            exponent += 1000;
        }

        return value * PowerOfTwo(exponent);
    }

    private static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
}
