using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Training;

/// <summary>What is to be done with a record; false where no later one is wanted.</summary>
internal delegate bool RecordVisitor(in LogRecord record);

/// <summary>Reads what a partition holds now, from an offset to its end.</summary>
internal static class CommittedRecords
{
    private const int BatchRecords = 4096;

    /// <summary>A log whose last offsets are markers never delivers a record there; all that is wanted was committed long before.</summary>
    private const int IdlePollsAtTheEnd = 5;

    private static readonly TimeSpan PollWait = TimeSpan.FromSeconds(1);

    public static void Read(IEventLog log, TopicPartition source, long from, RecordVisitor visit)
    {
        using var reader = log.Read([source]);
        using var batch = new RecordBatch();
        var end = log.EndOffset(source);
        reader.Seek(source, from);
        for (var (next, idle) = (from, 0); next < end && idle < IdlePollsAtTheEnd;)
        {
            if (reader.Poll(batch, BatchRecords, PollWait) != PollOutcome.Records)
            {
                idle++;
                continue;
            }

            idle = 0;
            for (var index = 0; index < batch.Count; index++)
            {
                if (!visit(batch[index]))
                    return;
            }

            next = batch[batch.Count - 1].Offset + 1;
        }
    }
}
