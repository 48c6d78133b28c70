using StreamAllocator.Domain;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary>
/// The demo in lock-step prints the same digest of every output topic, also where it was killed on its way, and where its trainer released a
/// champion on that way.
/// </summary>
public sealed class DemoDigestTests(ITestOutputHelper output)
{
    private const string Windows = "600";
    private const int Kills = 5;

    /// <summary>features, forecasts, forecast-errors, retraining, models, decisions, commands, allocations, late, dead-letter.</summary>
    private const int Topics = 10;

    [Fact]
    public void Killed_five_times_and_resumed_is_the_same() => KilledIsTheSame([], _ => { });

    [Fact]
    public void Killed_on_the_way_to_a_released_champion_is_the_same()
    {
        var folder = Directory.CreateTempSubdirectory("streamallocator-");
        try
        {
            KilledIsTheSame(["--trace", RampTrace.Write(folder)], log =>
            {
                Assert.Contains("MODEL_ROLE_CHAMPION", AllocatorProcess.Run(["tail", "models", "--log", log]), StringComparison.Ordinal);
                Assert.Contains("\"model_version\":\"smoothing@", AllocatorProcess.Run(["tail", "forecasts", "--log", log]), StringComparison.Ordinal);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_rise_is_foreseen_before_it_comes() =>
        Assert.Contains("before demand rose", AllocatorProcess.Run(Demo("memory")), StringComparison.Ordinal);

    private void KilledIsTheSame(string[] more, Action<string> check)
    {
        var seed = (ulong)Environment.TickCount64;
        var random = new SeededRandom(seed);
        var folder = Directory.CreateTempSubdirectory("streamallocator-");
        try
        {
            var expected = Digests(AllocatorProcess.Run(Demo("memory", more)));
            Assert.Equal(Topics, expected.Count);
            var log = "file:" + Path.Combine(folder.FullName, "demo.db");
            var killed = 0;
            for (var kill = 0; kill < Kills; kill++)
                killed += AllocatorProcess.RunAndKill(Demo(log, more), TimeSpan.FromSeconds(0.8 + random.NextDouble())) ? 1 : 0;
            output.WriteLine($"seed {seed}: killed {killed} times of {Kills}");
            Assert.True(killed > 0, "no demo lived long enough to be killed");
            Assert.Equal(expected, Digests(AllocatorProcess.Run(Demo(log, more))));
            check(log);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Demo(string log, params string[] more) =>
        ["demo", "--log", log, "--no-view", "--speed", "0", "--windows", Windows, "--digest", "--port", "0", .. more];

    private static List<string> Digests(string printed) => [.. printed.Split('\n').Where(line => line.EndsWith(" records)", StringComparison.Ordinal))];
}
