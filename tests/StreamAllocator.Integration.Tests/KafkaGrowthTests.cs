using System.Text.Json;
using StreamAllocator.Domain;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary><c>topics grow</c> on Kafka, between two parts of a history, killed on the way: what predict makes of the second is what it makes without.</summary>
public sealed class KafkaGrowthTests(ITestOutputHelper output) : IDisposable
{
    private const int Windows = 12;
    private const int Kills = 2;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");

    // A backfill takes history that ended within the week.
    private readonly long _start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 300 * 300 - 3600 - 2 * Windows * 300;

    [SharedFact(SharedBroker.Script)]
    public void State_moves_with_the_VMs_and_each_window_is_there_once()
    {
        var seed = (ulong)Environment.TickCount64;
        var random = new SeededRandom(seed);
        using var broker = new SharedBroker([]);
        var log = $"kafka:{broker.Bootstrap}";
        var whole = File.ReadAllLines(RampTrace.Write(_folder, 2 * Windows, _start));
        string[] grow = ["topics", "grow", "--vm-partitions", "6", "--log", log];
        Backfill("plain.", log, whole, 0);
        Backfill("plain.", log, whole, 1);

        Backfill("grown.", log, whole, 0);
        var killed = 0;
        for (var kill = 0; kill < Kills; kill++)
            killed += AllocatorProcess.RunAndKill(grow, TimeSpan.FromSeconds(0.5 + 2 * random.NextDouble()), Prefix("grown.")) ? 1 : 0;
        output.WriteLine($"seed {seed}: killed {killed} of {Kills}");
        Assert.Contains("grown.vm-inputs", AllocatorProcess.Run(grow, Prefix("grown.")), StringComparison.Ordinal);
        Backfill("grown.", log, whole, 1);

        Assert.Contains("grown.vm-inputs,6,", AllocatorProcess.Run(["topics", "list", "--log", log, "--prefix", "grown.", "--format", "csv"]), StringComparison.Ordinal);
        foreach (var topic in new[] { "features", "forecasts", "forecast-errors" })
        {
            var expected = OfEachVm("plain.", log, topic);
            Assert.Equal(RampTrace.Vms, expected.Count);
            Assert.Equal(expected, OfEachVm("grown.", log, topic));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static (string Name, string Value) Prefix(string prefix) => ("STREAMALLOCATOR__TOPICPREFIX", prefix);

    /// <summary>One half of the history.</summary>
    private void Backfill(string prefix, string log, string[] trace, int half)
    {
        var path = Path.Combine(_folder.FullName, "half.csv");
        File.WriteAllLines(path, trace.Take(1).Concat(trace.Skip(1 + half * Windows * RampTrace.Vms).Take(Windows * RampTrace.Vms)));
        AllocatorProcess.Run(["backfill", "--trace", path, "--into", log], Prefix(prefix));
    }

    /// <summary>The values of each VM, in their order.</summary>
    private static SortedDictionary<string, string> OfEachVm(string prefix, string log, string topic)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in AllocatorProcess.Run(["tail", topic, "--log", log, "--prefix", prefix]).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var record = JsonDocument.Parse(line).RootElement;
            var vm = record.GetProperty("key").GetString()!;
            values[vm] = values.GetValueOrDefault(vm) + record.GetProperty("value").GetRawText() + "\n";
        }

        return values;
    }
}
