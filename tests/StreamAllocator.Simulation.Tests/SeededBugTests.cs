using System.Text;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Simulation.Tests.Faults;

namespace StreamAllocator.Simulation.Tests;

/// <summary>A checker that cannot fail shows nothing: it must find each seeded bug, and nothing where there is none.</summary>
public sealed class SeededBugTests
{
    private static readonly string[] Compared = ["features", "forecasts", "forecast-errors", "decisions", "commands", "allocations"];

    private static readonly Lazy<IReadOnlyDictionary<string, string>> Reference = new(() =>
    {
        using var rig = new Rig(batchSize: 1000);
        rig.Run();
        return rig.Digests();
    });

    public static TheoryData<string> Names => [.. SeededBugs.All.Select(bug => bug.Name)];

    [Fact]
    public void Without_a_bug_crashes_leave_no_trace()
    {
        var found = Run(new SeededBug("none"), out var crashes);
        Assert.Empty(found);
        Assert.Equal(SeededBug.CrashRounds.Length, crashes);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 1)]
    [InlineData(1000, 2)]
    [InlineData(1, 2)]
    public void Batch_size_and_shards_do_not_count(int batchSize, int shards)
    {
        using var rig = new Rig(batchSize, shards);
        rig.Run();
        Assert.Empty(ExactlyOnceChecker.Check(rig, refused: 0));
        Assert.Equal(Reference.Value, rig.Digests());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_bug_is_found(string name)
    {
        var found = Run(SeededBugs.All.Single(bug => bug.Name == name), out _);
        Assert.NotEmpty(found);
    }

    /// <summary>Runs with crashes, and with two records that must be refused; returns what checker and digests find.</summary>
    private static List<string> Run(SeededBug bug, out int crashes)
    {
        using var rig = new Rig(log: bug.Log, decorate: bug.Role, snapshotEvery: bug.SnapshotEvery);
        rig.Run(round =>
        {
            if (round == 100)
                InjectRefused(rig);
            if (SeededBug.CrashRounds.Contains(round))
                throw new Crash();
        });
        crashes = rig.Crashes;
        var found = new List<string>(ExactlyOnceChecker.Check(rig, refused: 2));
        var digests = rig.Digests();
        found.AddRange(Compared.Where(topic => digests[topic] != Reference.Value[topic]).Select(topic => $"digest of {topic}"));
        return found;
    }

    private static void InjectRefused(Rig rig)
    {
        using var producer = rig.Log.OpenProducer("agent");
        using var outputs = new OutputBatch();
        var target = new TopicPartition(rig.Topics.Telemetry, 0);
        var key = Encoding.UTF8.GetBytes("vm-0");
        var late = new Schemas.Telemetry
        {
            Samples = { new Schemas.UsageSample { VmId = "vm-0", EventTimeMs = rig.Fleet.Start.UnixMilliseconds + 1, IntervalMs = 300_000, CpuCores = 1 } },
        };
        outputs.Append(target, rig.Fleet.Start, key, SchemaHeaders.Telemetry, Google.Protobuf.MessageExtensions.ToByteArray(late));
        outputs.Append(target, rig.Fleet.Start, key, SchemaHeaders.Telemetry, [0xFF, 0xFF, 0xFF]);
        producer.Send(outputs);
        producer.Commit(null, []);
    }
}
