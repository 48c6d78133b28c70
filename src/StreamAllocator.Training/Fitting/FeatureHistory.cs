using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Training.Fitting;

/// <summary>Reads a span of <c>features</c> back from the log, for some classes in one pass.</summary>
internal sealed class FeatureHistory(IEventLog log, string topic, int partitions, TimeSpan window, int vmsPerClass)
{
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
        {
            var source = new TopicPartition(topic, partition);
            CommittedRecords.Read(log, source, log.OffsetAt(source, from), (in record) =>
            {
                // Several predict tasks may write to one partition, each at a pace of its own: what comes later may be in time.
                if (record.Time <= to)
                    Add(record, samples);
                return true;
            });
        }

        return samples;
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
