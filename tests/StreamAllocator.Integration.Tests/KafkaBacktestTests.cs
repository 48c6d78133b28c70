using StreamAllocator.Testing;

namespace StreamAllocator.Integration.Tests;

/// <summary><c>replay --log kafka:</c>: history out of live topics, through the production code, into a run of its own.</summary>
public sealed class KafkaBacktestTests : IDisposable
{
    private const int Windows = 24;
    private const int First = 8;
    private const int Taken = 8;

    /// <summary>Column of Kafka's own listing, behind group, topic and partition.</summary>
    private const int GroupOffset = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");

    // A backfill takes history that ended within the week.
    private readonly long _start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 300 * 300 - 3600 - Windows * 300;

    [SharedFact(SharedBroker.Script)]
    public void Live_topics_give_the_digests_of_the_trace_they_came_from_and_stay_as_they_were()
    {
        using var broker = new SharedBroker([]);
        var live = $"kafka:{broker.Bootstrap}";
        var whole = RampTrace.Write(_folder, Windows, _start);
        AllocatorProcess.Run(["backfill", "--trace", whole, "--into", live]);
        var before = Standing(broker, live);
        string[] span = ["--from", Time(First), "--to", Time(First + Taken)];

        var replayed = AllocatorProcess.Run(["replay", "--log", live, "--digest"]);
        var part = AllocatorProcess.Run(["replay", "--log", live, .. span, "--digest"]);
        var beside = AllocatorProcess.Run(["replay", "--log", live, .. span, "--digest", "--into", live]);

        Assert.Equal(AllocatorProcess.Run(["replay", "--trace", whole, "--digest"]), replayed);
        Assert.Equal(AllocatorProcess.Run(["replay", "--trace", Part(whole), "--digest"]), part);
        Assert.Equal(part, beside);
        Assert.Contains($"  features ({Taken * RampTrace.Vms} records)", part, StringComparison.Ordinal);
        Assert.Contains(before, line => line.StartsWith("predict ", StringComparison.Ordinal));
        Assert.Equal(before, Standing(broker, live));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Time(int window) => DateTimeOffset.FromUnixTimeSeconds(_start + 300 * window).ToString("u").Replace(' ', 'T');

    /// <summary>The lines of the trace that the span holds.</summary>
    private string Part(string trace)
    {
        var path = Path.Combine(_folder.FullName, "part.csv");
        var lines = File.ReadLines(trace);
        File.WriteAllLines(path, lines.Take(1).Concat(lines.Skip(1 + First * RampTrace.Vms).Take(Taken * RampTrace.Vms)));
        return path;
    }

    /// <summary>Topics and where they end, and each group's offset in each partition; not those of a run, nor who is still taken for a member.</summary>
    private static List<string> Standing(SharedBroker broker, string live)
    {
        var topics = AllocatorProcess.Run(["topics", "list", "--log", live, "--format", "csv"]).Split('\n');
        var offsets = broker.Admin("groups", "--describe", "--all-groups").Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > GroupOffset && columns[1].StartsWith("streamallocator.", StringComparison.Ordinal))
            .Select(columns => string.Join(' ', columns.Take(GroupOffset + 1)));
        return [.. topics.Concat(offsets).Where(line => line.Length > 0 && !line.Contains(".run-", StringComparison.Ordinal))];
    }
}
