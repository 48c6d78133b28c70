using System.Globalization;
using Xunit.Abstractions;

namespace StreamAllocator.Simulation.Tests;

/// <summary>These tests run alone, after all others: they look at the heap of the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>Memory and state of the allocator do not grow with event time: a month every time, a year of 100 VMs in the long tests.</summary>
[Collection(AloneCollection.Name)]
public sealed class FlatStateTests(ITestOutputHelper output)
{
    private const int WindowsPerDay = 288;

    /// <summary>What waits in a task at the moment of looking differs by a window's inputs.</summary>
    private const double StateSlack = 0.02;

    /// <summary>Blocks of half a mebibyte that the log's four input topics gave back to the pool, and that the pool has not let go.</summary>
    private const long PooledBytes = 2 << 20;

    private const double HeapSlack = 0.10;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1";

    [Fact]
    public void Memory_and_state_stay_flat_however_long_it_runs()
    {
        var (vms, days) = IsLong ? (100, new[] { 10, 20, 30, 60, 120, 180, 240, 300, 365 }) : (8, [10, 20, 30]);
        using var demo = new LongDemo(vms, days[^1] + 1);
        SortedDictionary<string, int>? first = null;
        var firstHeap = 0L;
        foreach (var day in days)
        {
            demo.RunToDay(day);
            var saved = demo.Saved();
            var heap = GC.GetTotalMemory(forceFullCollection: true) - demo.LogBytes;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"day {day,3}: heap {heap / 1024.0:N0} KiB and {demo.LogBytes / 1024.0:N0} KiB of log, state {string.Join(", ", saved.Select(task => $"{task.Key} {task.Value:N0}"))}"));
            if (first is null)
            {
                (first, firstHeap) = (saved, heap);
                continue;
            }

            foreach (var (role, bytes) in saved)
                Assert.True(bytes <= first[role] * (1 + StateSlack) + 1024, $"day {day}: state of {role}: {bytes} bytes, {first[role]} on day {days[0]}");
            Assert.True(heap <= firstHeap * (1 + HeapSlack) + PooledBytes, $"day {day}: heap of {heap} bytes, {firstHeap} on day {days[0]}");
        }

        Assert.InRange(demo.Forecasts, (long)days[^1] * WindowsPerDay * vms, (days[^1] + 1L) * WindowsPerDay * vms);
        Assert.True(demo.Decisions >= demo.Forecasts - 2 * vms, $"{demo.Decisions} decisions of {demo.Forecasts} forecasts");
    }
}
