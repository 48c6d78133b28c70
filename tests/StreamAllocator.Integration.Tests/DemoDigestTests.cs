using StreamAllocator.Domain;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary>The demo in lock-step prints the same digests of decisions, commands and allocations, also where it was killed on its way.</summary>
public sealed class DemoDigestTests(ITestOutputHelper output)
{
    private const string Windows = "600";
    private const int Kills = 5;

    [Fact]
    public void Killed_five_times_and_resumed_is_the_same()
    {
        var seed = (ulong)Environment.TickCount64;
        var random = new SeededRandom(seed);
        var folder = Directory.CreateTempSubdirectory("streamallocator-");
        try
        {
            var expected = Digests(AllocatorProcess.Run(Demo("memory")));
            Assert.Equal(3, expected.Count);
            var log = "file:" + Path.Combine(folder.FullName, "demo.db");
            var killed = 0;
            for (var kill = 0; kill < Kills; kill++)
                killed += AllocatorProcess.RunAndKill(Demo(log), TimeSpan.FromSeconds(0.8 + random.NextDouble())) ? 1 : 0;
            output.WriteLine($"seed {seed}: killed {killed} times of {Kills}");
            Assert.True(killed > 0, "no demo lived long enough to be killed");
            Assert.Equal(expected, Digests(AllocatorProcess.Run(Demo(log))));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_rise_is_foreseen_before_it_comes() =>
        Assert.Contains("before demand rose", AllocatorProcess.Run(Demo("memory")), StringComparison.Ordinal);

    private static string[] Demo(string log) =>
        ["demo", "--log", log, "--no-view", "--speed", "0", "--windows", Windows, "--digest", "--port", "0"];

    private static List<string> Digests(string printed) => [.. printed.Split('\n').Where(line => line.EndsWith(" records)", StringComparison.Ordinal))];
}
