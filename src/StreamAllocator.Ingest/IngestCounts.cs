using StreamAllocator.Domain;

namespace StreamAllocator.Ingest;

/// <summary>What became of the samples that a task has read since it started. Accepted + duplicates + refused (late among them) = read.</summary>
public sealed class IngestCounts
{
    private readonly long[] _refused = new long[Enum.GetValues<DeadLetterCause>().Length + 1];

    public long Records { get; internal set; }

    public long Accepted { get; internal set; }

    /// <summary>Of the same VM and event time as its newest sample.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Samples refused for this cause; a record refused whole counts as one.</summary>
    public long Refused(DeadLetterCause cause) => _refused[(int)cause];

    internal void Refuse(DeadLetterCause cause) => _refused[(int)cause]++;
}
