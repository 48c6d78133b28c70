using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Scoring;

namespace StreamAllocator.Forecasting.Tests.Scoring;

public class PackedDecilesTests
{
    [Fact]
    public void Gaps_come_back_within_three_per_cent_and_small_ones_beside_large_ones()
    {
        float[] deciles = [10, 10.1f, 10.3f, 11, 12, 12.01f, 14, 20, 45];
        var packed = Pack(deciles, float.MaxValue);
        for (var k = 1; k < 9; k++)
            Assert.InRange((packed[k] - packed[k - 1]) / (deciles[k] - deciles[k - 1]), 0.96f, 1.04f);
        Assert.InRange(packed[4], 11.99f, 12.01f);
    }

    [Fact]
    public void Mass_points_stay_exact()
    {
        float[] deciles = [0, 0, 0, 3, 3, 3, 7, 7, 9];
        var packed = Pack(deciles, float.MaxValue);
        Assert.Equal([0, 0, 0, 3, 3, 3], packed[..6]);
        Assert.Equal(packed[6], packed[7]);
    }

    [Fact]
    public void Nothing_is_rounded_over_the_ceiling()
    {
        var random = SeededRandom.For(2, "deciles");
        var deciles = new float[9];
        for (var draw = 0; draw < 2_000; draw++)
        {
            for (var k = 0; k < 9; k++)
                deciles[k] = (float)(100 * random.NextDouble());
            Array.Sort(deciles);
            var packed = Pack(deciles, deciles[8]);
            Assert.True(packed[8] <= deciles[8], $"draw {draw}: {packed[8]} above {deciles[8]}");
        }
    }

    [Fact]
    public void An_empty_place_gives_nothing()
    {
        var place = new byte[PackedDeciles.Bytes];
        PackedDeciles.Clear(place);
        Assert.False(PackedDeciles.TryUnpack(place, new float[9]));
    }

    private static float[] Pack(float[] deciles, float ceiling)
    {
        var place = new byte[PackedDeciles.Bytes];
        var served = deciles.ToArray();
        PackedDeciles.Pack(served, place, ceiling);
        var read = new float[9];
        Assert.True(PackedDeciles.TryUnpack(place, read));
        Assert.Equal(read, served);
        return served;
    }
}
