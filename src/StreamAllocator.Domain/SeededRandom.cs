namespace StreamAllocator.Domain;

/// <summary>
/// Counter-based random numbers (SplitMix64; Steele, Lea, Flood 2014): the draw is a function of (key, counter), so state is two
/// integers and a restored stream goes on exactly alike.
/// </summary>
public struct SeededRandom(ulong key, ulong counter = 0)
{
    public ulong Key { get; } = key;

    public ulong Counter { get; private set; } = counter;

    public static SeededRandom For(ulong seed, string name) => new(StableHash.Combine(seed, StableHash.Of(name)));

    public ulong NextUInt64() => StableHash.Mix(Key + unchecked(++Counter * 0x9E3779B97F4A7C15));

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, bound), bound at least 1 (multiply-shift: the bias is below 2^-32 for bounds below 2^32).</summary>
    public int NextInt32(int bound) => (int)(((NextUInt64() >> 32) * (ulong)(uint)bound) >> 32);

    /// <summary>Standard normal: the sum of twelve uniforms minus six (exact arithmetic only; tails end at ±6).</summary>
    public double NextNormal()
    {
        var sum = 0.0;
        for (var draw = 0; draw < 12; draw++)
            sum += NextDouble();
        return sum - 6;
    }
}
