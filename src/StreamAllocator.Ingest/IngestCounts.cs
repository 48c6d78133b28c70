using StreamAllocator.Domain;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Ingest;

/// <summary>What became of the samples that a task has read since it started. Accepted + duplicates + refused (late among them) = read.</summary>
public sealed class IngestCounts
{
    private readonly long[] _refused = new long[Enum.GetValues<DeadLetterCause>().Length + 1];
    private (long Accepted, long Duplicates, long Missing) _told;

    public long Records { get; internal set; }

    public long Accepted { get; internal set; }

    /// <summary>Of the same VM and event time as its newest sample, or published again under the same number.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Samples that a source numbered and that never came: it had to give them up.</summary>
    public long Missing { get; internal set; }

    /// <summary>Samples refused for this cause; a record refused whole counts as one.</summary>
    public long Refused(DeadLetterCause cause) => _refused[(int)cause];

    /// <summary>Feeds what has come since it was last asked to.</summary>
    internal void Feed(AllocatorMetrics metrics)
    {
        metrics.Samples("accepted", Accepted - _told.Accepted);
        metrics.Samples("duplicate", Duplicates - _told.Duplicates);
        metrics.Samples("missing", Missing - _told.Missing);
        _told = (Accepted, Duplicates, Missing);
    }

    internal void Refuse(DeadLetterCause cause) => _refused[(int)cause]++;
}
