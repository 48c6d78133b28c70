using Xunit.Abstractions;

namespace StreamAllocator.Pipeline.Tests.Predict;

/// <summary>Managed bytes that a step allocates once every array has its size.</summary>
public sealed class PredictTaskMemoryTests(ITestOutputHelper output)
{
    /// <summary>What the passing of a tick may cost (the watermark's enumerators), whatever the number of VMs and samples.</summary>
    private const long MostBytesPerTick = 2048;

    /// <summary>
    /// An object for each VM or sample would cost this much each. Half of it is room for the compiler, which keeps some of a tick's objects on
    /// the stack once it has optimised.
    /// </summary>
    private const long SmallestObject = 24;

    private const int Windows = 13;

    /// <summary>Every expert has something to say by then.</summary>
    private const int MoreThanADay = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_window_of_forty_VMs_allocates_no_more_than_one_of_ten(int samplesPerWindow)
    {
        var ten = AllocatedInAWindow(10, samplesPerWindow);
        var forty = AllocatedInAWindow(40, samplesPerWindow);
        output.WriteLine($"{samplesPerWindow} samples a window: {ten} bytes a tick with 10 VMs, {forty} with 40");

        Assert.InRange(forty, 0, ten + (40 - 10) * SmallestObject / 2);
        Assert.InRange(forty, 0, MostBytesPerTick);
    }

    [Fact]
    public void More_samples_in_a_window_allocate_nothing() =>
        Assert.InRange(AllocatedInAWindow(4, 10), 0, AllocatedInAWindow(4, 1) + 4 * (10 - 1) * SmallestObject / 2);

    private static long AllocatedInAWindow(int vms, int samplesPerWindow)
    {
        using var fold = new PredictFold(vms, samplesPerWindow).Fold(MoreThanADay);
        var allocated = new long[Windows];
        for (var window = 0; window < Windows; window++)
        {
            fold.Prepare();
            var before = GC.GetAllocatedBytesForCurrentThread();
            fold.Step();
            allocated[window] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // The median: now and then a window asks for a refit, and writes a text that says why.
        Array.Sort(allocated);
        return allocated[Windows / 2];
    }
}
