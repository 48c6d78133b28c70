using System.Globalization;
using StreamAllocator.Domain;
using StreamAllocator.Embedded;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Benchmarks;

/// <summary>
/// Records of 100 bytes written, polled and committed by another group, per CPU-second, and the CPU time of one commit; each log with commits
/// of many records and of one.
/// </summary>
internal static class LogBenchmark
{
    private const int Partitions = 4;

    public static void Run()
    {
        Measure("log in memory", 1000, 4_000_000, () => new InMemoryLog(new InMemoryLogOptions { DropConsumed = true }));
        Measure("log in memory", 1, 400_000, () => new InMemoryLog(new InMemoryLogOptions { DropConsumed = true }));
        var folder = Directory.CreateTempSubdirectory("streamallocator-bench-");
        try
        {
            var files = 0;
            Measure("log embedded", 1000, 1_000_000, () => EmbeddedLog.Open(Path.Combine(folder.FullName, $"{files++}.db")));
            Measure("log embedded", 1, 20_000, () => EmbeddedLog.Open(Path.Combine(folder.FullName, $"{files++}.db")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Measure(string name, int perCommit, int records, Func<IEventLog> open)
    {
        using (var warmUp = open())
            Pass(warmUp, perCommit, records / 10);
        using var log = open();
        var clock = new CpuClock();
        var commits = Pass(log, perCommit, records);
        var seconds = clock.Seconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}, {perCommit} records a commit: {records / seconds:N0} records per CPU-second, {seconds / commits * 1e6:0.0} us of CPU a commit"));
    }

    private static int Pass(IEventLog log, int perCommit, int records)
    {
        log.CreateTopics([new TopicSpec("topic", Partitions)]);
        using var member = log.Join("group", "member", ["topic"]);
        using var writer = log.OpenProducer("writer");
        using var mover = log.OpenProducer("mover");
        using var outputs = new OutputBatch();
        using var batch = new RecordBatch();
        var headers = RecordHeaders.ForSchema("streamallocator.v1.Forecast");
        var value = new byte[100];
        var offsets = new PartitionOffset[1];
        var commits = 0;
        member.Poll(batch, 1, TimeSpan.Zero);
        for (var written = 0; written < records;)
        {
            outputs.Clear();
            for (var i = 0; i < perCommit; i++, written++)
                outputs.Append(new TopicPartition("topic", written % Partitions), new EventTime(written), "rnd-0001"u8, headers, value);
            writer.Send(outputs);
            writer.Commit(null, []);
            commits++;
            while (member.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
            {
                offsets[0] = new PartitionOffset(batch.Source, batch[batch.Count - 1].Offset + 1);
                mover.Commit(member, offsets);
                commits++;
            }
        }

        return commits;
    }
}
