using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Embedded.Tests;

/// <summary>Commits number after number, each as two records in either of two topics and an offset, and prints what was acknowledged.</summary>
internal static class KilledWriter
{
    public const string Input = "input";
    public const string Left = "left";
    public const string Right = "right";
    public const string Group = "group";

    public static void Run(string path)
    {
        using var log = EmbeddedLog.Open(path, new EmbeddedLogOptions { SyncedTopics = [Right] });
        log.CreateTopics([new TopicSpec(Input, 1), new TopicSpec(Left, 2), new TopicSpec(Right, 1, CleanUp.Compact)]);
        using var consumer = log.Join(Group, "writer", [Input]);
        using var producer = log.OpenProducer("writer");
        using var batch = new RecordBatch();
        consumer.Poll(batch, 1, TimeSpan.Zero);
        using var outputs = new OutputBatch();
        var source = new TopicPartition(Input, 0);
        for (var number = (int)(log.Committed(Group, source) ?? 0); ; number++)
        {
            outputs.Clear();
            var value = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
            outputs.Append(new TopicPartition(Left, 0), new EventTime(number), "a"u8, default, value);
            outputs.Append(new TopicPartition(Left, 1), new EventTime(number), "b"u8, default, value);

            // Every tenth commit is synced, and its records are big enough for checkpoints and compactions to be met by the kill too.
            if (number % 10 == 0)
                outputs.Append(new TopicPartition(Right, 0), new EventTime(number), "c"u8, default, new byte[20_000]);
            outputs.Append(new TopicPartition(Left, 0), new EventTime(number), "a"u8, default, value);
            producer.Send(outputs);
            producer.Commit(consumer, [new PartitionOffset(source, number + 1)]);
            Console.Out.WriteLine(number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
