using System.Diagnostics;
using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Embedded.Tests;

public sealed class KillTests
{
    [Fact]
    public void After_a_SIGKILL_every_acknowledged_commit_is_there_and_none_half()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("log.db");
        var random = SeededRandom.For(1, "kills");
        var acknowledged = -1;
        for (var kill = 0; kill < 5; kill++)
        {
            acknowledged = WriteAndKill(path, acknowledged + 1 + random.NextInt32(400));
            using var log = EmbeddedLog.Open(path);
            var source = new TopicPartition(KilledWriter.Input, 0);
            var committed = (int)log.Committed(KilledWriter.Group, source)!;
            Assert.True(committed > acknowledged, $"{acknowledged} was acknowledged, the group stands at {committed}");
            Assert.Equal(Numbers(committed, 2), Values(log, new TopicPartition(KilledWriter.Left, 0)));
            Assert.Equal(Numbers(committed, 1), Values(log, new TopicPartition(KilledWriter.Left, 1)));
            Assert.Equal((committed + 9) / 10, log.EndOffset(new TopicPartition(KilledWriter.Right, 0)));
        }
    }

    private static IEnumerable<string> Numbers(int count, int times) =>
        Enumerable.Range(0, count).SelectMany(number => Enumerable.Repeat(number.ToString(CultureInfo.InvariantCulture), times));

    private static List<string> Values(EmbeddedLog log, TopicPartition partition)
    {
        using var reader = log.Read([partition]);
        using var batch = new RecordBatch();
        var values = new List<string>();
        while (reader.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var i = 0; i < batch.Count; i++)
                values.Add(Encoding.UTF8.GetString(batch[i].Value));
        }

        return values;
    }

    /// <summary>Kills a writer once it has acknowledged that number; the last number that it did acknowledge.</summary>
    private static int WriteAndKill(string path, int number)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(KillTests).Assembly.Location);
        start.ArgumentList.Add(path);
        using var writer = Process.Start(start)!;
        var last = -1;
        while (last < number && writer.StandardOutput.ReadLine() is { } line)
            last = int.Parse(line, CultureInfo.InvariantCulture);
        writer.Kill();
        while (writer.StandardOutput.ReadLine() is { } line)
            last = int.TryParse(line, CultureInfo.InvariantCulture, out var acknowledged) && acknowledged == last + 1 ? acknowledged : last;
        writer.WaitForExit();
        Assert.True(last >= number, $"the writer ended by itself after {last}");
        return last;
    }
}
