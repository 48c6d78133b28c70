namespace StreamAllocator.Chaos.Tests.Checks;

internal enum Harm
{
    Lost,
    Doubled,
    Reordered,
    Wrong,
}

/// <summary>Something that should not be.</summary>
/// <param name="Records">How many records it concerns.</param>
internal sealed record Finding(Harm Harm, int Records, string What)
{
    public override string ToString() => $"{Harm} ({Records}): {What}";
}
