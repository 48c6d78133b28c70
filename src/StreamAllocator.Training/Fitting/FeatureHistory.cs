using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Training.Fitting;

/// <summary>Reads a span of <c>features</c> back from the log, for some classes in one pass.</summary>
internal sealed class FeatureHistory(IEventLog log, string topic, int partitions, TimeSpan window, int vmsPerClass)
{
    private const int BatchRecords = 4096;

    /// <summary>A log whose last offsets are markers never delivers a record there; all that is wanted was committed long before.</summary>
    private const int IdlePollsAtTheEnd = 5;

    private static readonly TimeSpan PollWait = TimeSpan.FromSeconds(1);

    private readonly StringPool _names = new();
    private float[] _means = new float[Resources.Count];

    /// <summary>The windows that end in (<paramref name="from"/>, <paramref name="to"/>], per class.</summary>
    public SortedDictionary<string, ClassSample> Read(IEnumerable<string> jobClasses, EventTime from, EventTime to)
    {
        var first = from.WindowIndex(window);
        var windows = (int)(to.WindowIndex(window) - first);
        var samples = new SortedDictionary<string, ClassSample>(StringComparer.Ordinal);
        foreach (var jobClass in jobClasses)
            samples.Add(jobClass, new ClassSample(first, windows, vmsPerClass));
        for (var partition = 0; partition < partitions; partition++)
            ReadPartition(new TopicPartition(topic, partition), from, to, samples);
        return samples;
    }

    private void ReadPartition(TopicPartition source, EventTime from, EventTime to, SortedDictionary<string, ClassSample> samples)
    {
        using var reader = log.Read([source]);
        using var batch = new RecordBatch();
        var end = log.EndOffset(source);
        var next = log.OffsetAt(source, from);
        reader.Seek(source, next);
        for (var idle = 0; next < end && idle < IdlePollsAtTheEnd;)
        {
            if (reader.Poll(batch, BatchRecords, PollWait) != PollOutcome.Records)
            {
                idle++;
                continue;
            }

            idle = 0;
            for (var index = 0; index < batch.Count; index++)
            {
                // A partition's windows close in order.
                if (batch[index].Time > to)
                    return;
                Add(batch[index], samples);
            }

            next = batch[batch.Count - 1].Offset + 1;
        }
    }

    private void Add(in LogRecord record, SortedDictionary<string, ClassSample> samples)
    {
        var jobClass = "";
        var (known, start) = (0, 0L);
        ReadOnlySpan<byte> censored = [];
        var reader = new ProtoReader(record.Value);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    start = reader.Int64();
                    break;
                case 4:
                    reader.Packed(ref _means, out known);
                    break;
                case 7:
                    censored = reader.Bytes();
                    break;
                case 14:
                    jobClass = _names.Get(reader.Bytes());
                    break;
            }
        }

        if (!samples.TryGetValue(jobClass, out var sample))
            return;
        Span<bool> flags = stackalloc bool[Resources.ResizableCount];
        flags.Clear();
        for (var resource = 0; resource < Math.Min(flags.Length, censored.Length); resource++)
            flags[resource] = censored[resource] != 0;
        sample.Add(_names.Get(record.Key), new EventTime(start).WindowIndex(window), _means.AsSpan(0, known), flags);
    }
}
