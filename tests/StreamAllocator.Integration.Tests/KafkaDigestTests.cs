using System.Globalization;
using System.IO.Compression;
using StreamAllocator.Domain;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary><c>replay --digest</c> on Kafka prints what it prints in memory, whoever is killed on the way: the allocator, or the broker.</summary>
public sealed class KafkaDigestTests(ITestOutputHelper output) : IDisposable
{
    private const string Trace = "traces/bitbrains_rnd_small.csv.gz";
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");

    [SharedFact(SharedBroker.Script)]
    public void Killed_at_random_moments_and_resumed_is_the_same()
    {
        var seed = (ulong)Environment.TickCount64;
        var random = new SeededRandom(seed);
        var (kills, brokerKills) = IsLong ? (20, 5) : (5, 1);
        var trace = Excerpt(TimeSpan.FromHours(IsLong ? 72 : 12));
        using var broker = new SharedBroker([]);
        string[] replay = ["replay", "--trace", trace, "--digest"];
        string[] onKafka = [.. replay, "--graph", "--into", $"kafka:{broker.Bootstrap}"];
        var killed = 0;
        for (var kill = 0; kill < kills; kill++)
            killed += AllocatorProcess.RunAndKill(onKafka, TimeSpan.FromSeconds(2 + 3 * random.NextDouble())) ? 1 : 0;
        for (var kill = 0; kill < brokerKills; kill++)
        {
            using var running = AllocatorProcess.Start(onKafka, []);
            running.WaitForExit(TimeSpan.FromSeconds(2 + 3 * random.NextDouble()));
            broker.KillAndRestart();
            running.Kill();
            running.WaitForExit();
        }

        output.WriteLine($"seed {seed}: killed {killed} of {kills} runs, and the broker {brokerKills} times");
        Assert.True(killed > 0, "no run lived long enough to be killed");
        Assert.Equal(AllocatorProcess.Run(replay), AllocatorProcess.Run(onKafka));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The first part of the trace.</summary>
    private string Excerpt(TimeSpan length)
    {
        var path = Path.Combine(_folder.FullName, "excerpt.csv");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(SharedFolder.Resolve(Trace)), CompressionMode.Decompress));
        using var writer = new StreamWriter(path);
        writer.WriteLine(reader.ReadLine());
        long? end = null;
        while (reader.ReadLine() is { } line)
        {
            var time = long.Parse(line.Split(',')[1], CultureInfo.InvariantCulture);
            end ??= time + (long)length.TotalSeconds;
            if (time < end)
                writer.WriteLine(line);
        }

        return path;
    }
}
