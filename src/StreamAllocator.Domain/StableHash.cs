using System.Text;

namespace StreamAllocator.Domain;

/// <summary>FNV-1a, 64 bit, finished with the mixer of SplitMix64: the same for ever, on every machine (partitions are chosen by it).</summary>
public static class StableHash
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = OffsetBasis;
        foreach (var value in bytes)
            hash = (hash ^ value) * Prime;
        return Mix(hash);
    }

    public static ulong Of(string text)
    {
        Span<byte> bytes = stackalloc byte[Identifier.MaxLength * 4];
        return Encoding.UTF8.TryGetBytes(text, bytes, out var written) ? Of(bytes[..written]) : Of(Encoding.UTF8.GetBytes(text));
    }

    public static ulong Combine(ulong left, ulong right) => Mix(left ^ (right + 0x9E3779B97F4A7C15 + (left << 6) + (left >> 2)));

    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)(Of(key) % (uint)partitions);

    public static int Partition(string key, int partitions) => (int)(Of(key) % (uint)partitions);

    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
