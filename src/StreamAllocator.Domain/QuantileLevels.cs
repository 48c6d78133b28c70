namespace StreamAllocator.Domain;

/// <summary>The quantile levels of every served forecast, ascending: nine deciles, then the tail that sizing needs.</summary>
public static class QuantileLevels
{
    public const int Count = 13;

    /// <summary>0.1 … 0.9: the levels of the accuracy measure.</summary>
    public const int DecileCount = 9;

    public const int Median = 4;

    private static readonly double[] Values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999];

    public static ReadOnlySpan<double> All => Values;
}
