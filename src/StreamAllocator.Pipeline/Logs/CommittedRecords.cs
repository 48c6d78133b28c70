namespace StreamAllocator.Pipeline.Logs;

/// <summary>What is to be done with a record; false where no later one is wanted.</summary>
public delegate bool RecordVisitor(in LogRecord record);

/// <summary>Reads what a partition holds now, from an offset to its end.</summary>
public static class CommittedRecords
{
    private const int BatchRecords = 4096;

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    public static void Read(IEventLog log, TopicPartition source, long from, RecordVisitor visit)
    {
        using var reader = log.Read([source]);
        using var batch = new RecordBatch();
        var end = log.EndOffset(source);
        reader.Seek(source, from);
        while (reader.Position(source) < end)
        {
            reader.Poll(batch, BatchRecords, PollWait);
            for (var index = 0; index < batch.Count; index++)
            {
                if (!visit(batch[index]))
                    return;
            }
        }
    }
}
