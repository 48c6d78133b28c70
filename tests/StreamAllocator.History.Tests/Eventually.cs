namespace StreamAllocator.History.Tests;

internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Waits for a condition, and fails with its words at the deadline.</summary>
    public static async Task Holds(string what, Func<bool> condition)
    {
        using var late = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            Assert.False(late.IsCancellationRequested, $"not within {Deadline}: {what}");
            await Task.Delay(20);
        }
    }
}
