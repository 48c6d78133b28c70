using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>A delay drawn uniformly between two bounds, whole milliseconds.</summary>
public readonly record struct DelayRange(TimeSpan Shortest, TimeSpan Longest)
{
    public static DelayRange Seconds(double shortest, double longest) =>
        new(TimeSpan.FromSeconds(shortest), TimeSpan.FromSeconds(longest));

    internal long DrawMilliseconds(ref SeededRandom random) =>
        (long)Shortest.TotalMilliseconds + (long)(random.NextDouble() * (Longest - Shortest).TotalMilliseconds);

    internal IEnumerable<string> Violations(string name)
    {
        if (Shortest < TimeSpan.Zero || Longest < Shortest)
            yield return FormattableString.Invariant($"{name} delay from {Shortest} to {Longest}: expected 0 ≤ shortest ≤ longest");
    }
}
