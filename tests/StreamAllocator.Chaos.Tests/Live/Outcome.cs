using StreamAllocator.Chaos.Tests.Checks;
using StreamAllocator.Chaos.Tests.Evidence;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>What a run has left behind.</summary>
/// <param name="Samples">Published and acknowledged.</param>
/// <param name="Aborted">Records that only a reader of uncommitted records sees.</param>
/// <param name="HeldUp">Partitions with a transaction that has no end.</param>
internal sealed record Outcome(int Samples, Transcript Log, long Aborted, IReadOnlyList<string> HeldUp, IReadOnlyList<Finding> Findings)
{
    public int Count(Harm harm) => Findings.Where(finding => finding.Harm == harm).Sum(finding => finding.Records);
}
