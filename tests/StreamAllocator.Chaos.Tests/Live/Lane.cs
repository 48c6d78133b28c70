using StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>A stage and which of its partitions: what one member of the stage's group has.</summary>
internal readonly record struct Lane(TickSource Source, int Index)
{
    public override string ToString() => $"{Source} {Index}";
}
