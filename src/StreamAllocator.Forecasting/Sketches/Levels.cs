using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Sketches;

/// <summary>The quantile levels as singles.</summary>
internal static class Levels
{
    private static readonly float[] Values = ToSingle(QuantileLevels.All);

    public static ReadOnlySpan<float> All => Values;

    public static ReadOnlySpan<float> Deciles => Values.AsSpan(0, QuantileLevels.DecileCount);

    private static float[] ToSingle(ReadOnlySpan<double> levels)
    {
        var values = new float[levels.Length];
        for (var k = 0; k < values.Length; k++)
            values[k] = (float)levels[k];
        return values;
    }
}
