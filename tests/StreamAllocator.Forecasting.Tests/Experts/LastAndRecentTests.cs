using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Tests.Experts;

public class LastAndRecentTests
{
    /// <summary>exp(−8/8) = 0.3679 of last and the rest of recent.</summary>
    [Fact]
    public void Weight_of_last_falls_with_the_lead()
    {
        float[] last = [10, 10, 10, 10, 10, 10, 10, 10, 10];
        float[] recent = [0, 0, 0, 0, 0, 0, 0, 0, 20];
        var mixed = new float[9];
        new LastAndRecent().Combine(last, recent, 8, mixed);
        Assert.Equal(3.6788f, mixed[0], 3);
        Assert.Equal(16.3212f, mixed[8], 3);
    }
}
