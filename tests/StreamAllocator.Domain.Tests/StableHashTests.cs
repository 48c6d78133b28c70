namespace StreamAllocator.Domain.Tests;

public sealed class StableHashTests
{
    [Fact]
    public void The_hash_never_changes_since_partitions_are_chosen_by_it()
    {
        Assert.Equal(0xF52A15E9A9B5E89BUL, StableHash.Of(""));
        Assert.Equal(StableHash.Of("rnd-001"), StableHash.Of("rnd-001"u8));
    }

    [Fact]
    public void Keys_spread_evenly_over_partitions()
    {
        var counts = new int[8];
        for (var vm = 0; vm < 8000; vm++)
            counts[StableHash.Partition($"vm-{vm}", 8)]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }
}
