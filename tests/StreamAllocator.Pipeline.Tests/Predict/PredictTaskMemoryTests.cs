using Xunit.Abstractions;

namespace StreamAllocator.Pipeline.Tests.Predict;

/// <summary>Managed bytes that a step allocates once every array has its size.</summary>
public sealed class PredictTaskMemoryTests(ITestOutputHelper output)
{
    /// <summary>What the passing of a tick may cost (the watermark's enumerators), whatever the number of VMs and samples.</summary>
    private const long MostBytesPerTick = 2048;

    private const int Windows = 12;

    /// <summary>Every expert has something to say by then.</summary>
    private const int MoreThanADay = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_window_of_forty_VMs_allocates_no_more_than_one_of_ten(int samplesPerWindow)
    {
        var ten = AllocatedPerWindow(10, samplesPerWindow);
        var forty = AllocatedPerWindow(40, samplesPerWindow);
        output.WriteLine($"{samplesPerWindow} samples a window: {ten} bytes a tick with 10 VMs, {forty} with 40");

        Assert.Equal(ten, forty);
        Assert.InRange(forty, 0, MostBytesPerTick);
    }

    [Fact]
    public void More_samples_in_a_window_allocate_nothing() => Assert.Equal(AllocatedPerWindow(4, 1), AllocatedPerWindow(4, 10));

    private static long AllocatedPerWindow(int vms, int samplesPerWindow)
    {
        using var fold = new PredictFold(vms, samplesPerWindow).Fold(MoreThanADay);
        var allocated = 0L;
        for (var window = 0; window < Windows; window++)
        {
            fold.Prepare();
            var before = GC.GetAllocatedBytesForCurrentThread();
            fold.Step();
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return allocated / Windows;
    }
}
