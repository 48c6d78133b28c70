namespace StreamAllocator.Chaos.Tests.Network;

/// <summary>A connection that is cut at the next request of a kind, or at its answer.</summary>
internal readonly record struct Cut(ApiKey Request, CutAt At)
{
    public override string ToString() => $"{Request} cut at {At}";
}
