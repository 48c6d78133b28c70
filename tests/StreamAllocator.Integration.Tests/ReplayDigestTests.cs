using StreamAllocator.Domain;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary><c>replay --digest</c> of real VMs prints the same SHA-256 per output topic, however it is run.</summary>
public sealed class ReplayDigestTests(ITestOutputHelper output)
{
    private const string Trace = "traces/bitbrains_rnd_small.csv.gz";

    private static readonly Lazy<string> Reference = new(() => AllocatorProcess.Run(Replay()));

    [SharedFact(Trace)]
    public void The_digests_are_of_every_window_of_every_VM()
    {
        // 24 VMs, 14 days of 288 windows.
        Assert.Contains("features (96768 records)", Reference.Value, StringComparison.Ordinal);
        Assert.Contains("forecasts (96768 records)", Reference.Value, StringComparison.Ordinal);
        Assert.Contains("dead-letter (0 records)", Reference.Value, StringComparison.Ordinal);
    }

    [SharedFact(Trace)]
    public void A_second_run_is_the_same() => Assert.Equal(Reference.Value, AllocatorProcess.Run(Replay()));

    [SharedFact(Trace)]
    public void Batches_of_1_and_17_and_two_shards_are_the_same()
    {
        Assert.Equal(Reference.Value, AllocatorProcess.Run(Replay("--batch", "1")));
        Assert.Equal(Reference.Value, AllocatorProcess.Run(Replay("--batch", "17", "--shards", "2")));
    }

    [SharedFact(Trace)]
    public void Shards_as_graphs_on_threads_of_their_own_are_the_same_as_the_plain_loop() =>
        Assert.Equal(Reference.Value, AllocatorProcess.Run(Replay("--graph", "--batch", "17", "--shards", "2")));

    [SharedFact(Trace)]
    public void A_processor_without_AVX2_or_FMA_is_the_same()
    {
        Assert.Equal(Reference.Value, AllocatorProcess.Run(Replay(), ("DOTNET_EnableAVX2", "0")));
        Assert.Equal(Reference.Value, AllocatorProcess.Run(Replay(), ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4")));
    }

    [SharedFact(Trace)]
    public void Killed_at_random_moments_and_resumed_on_the_embedded_log_is_the_same()
    {
        var seed = (ulong)Environment.TickCount64;
        var random = new SeededRandom(seed);
        var kills = Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1" ? 50 : 5;
        var folder = Directory.CreateTempSubdirectory("streamallocator-");
        try
        {
            var log = "file:" + Path.Combine(folder.FullName, "killed.db");
            var killed = 0;
            for (var kill = 0; kill < kills; kill++)
                killed += AllocatorProcess.RunAndKill(Replay("--into", log), TimeSpan.FromSeconds(0.4 + 2 * random.NextDouble())) ? 1 : 0;
            output.WriteLine($"seed {seed}: killed {killed} times of {kills}");
            Assert.True(killed > 0, "no run lived long enough to be killed");
            Assert.Equal(Reference.Value, AllocatorProcess.Run(Replay("--into", log)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Replay(params string[] more) =>
        ["replay", "--trace", SharedFolder.Resolve(Trace), "--digest", .. more];
}
