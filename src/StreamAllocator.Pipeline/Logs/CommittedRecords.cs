namespace StreamAllocator.Pipeline.Logs;

/// <summary>What is to be done with a record; false where no later one is wanted.</summary>
public delegate bool RecordVisitor(in LogRecord record);

/// <summary>Reads what a partition holds now.</summary>
public static class CommittedRecords
{
    private const int BatchRecords = 4096;
    private const int FirstStretch = 64;

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    /// <summary>From an offset to the end.</summary>
    public static void Read(IEventLog log, TopicPartition source, long from, RecordVisitor visit)
    {
        using var reader = log.Read([source]);
        using var batch = new RecordBatch();
        Read(reader, batch, source, from, log.EndOffset(source), visit);
    }

    /// <summary>
    /// In stretches from the end to the beginning, each of them forwards and larger than the one before, until <paramref name="suffices"/>
    /// says so after one.
    /// </summary>
    public static void ReadBackwards(IEventLog log, TopicPartition source, RecordVisitor visit, Func<bool> suffices)
    {
        using var reader = log.Read([source]);
        using var batch = new RecordBatch();
        var begin = log.BeginOffset(source);
        var stretch = FirstStretch;
        for (var end = log.EndOffset(source); end > begin && !suffices(); stretch *= 2)
        {
            var from = Math.Max(begin, end - stretch);
            Read(reader, batch, source, from, end, visit);
            end = from;
        }
    }

    private static void Read(ILogConsumer reader, RecordBatch batch, TopicPartition source, long from, long end, RecordVisitor visit)
    {
        reader.Seek(source, from);
        while (reader.Position(source) < end)
        {
            reader.Poll(batch, BatchRecords, PollWait);
            for (var index = 0; index < batch.Count && batch[index].Offset < end; index++)
            {
                if (!visit(batch[index]))
                    return;
            }
        }
    }
}
