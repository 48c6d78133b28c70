using StreamAllocator.Chaos.Tests.Checks;
using StreamAllocator.Chaos.Tests.Evidence;
using Xunit.Abstractions;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>What a run has left behind.</summary>
/// <param name="Samples">Published and acknowledged.</param>
/// <param name="Aborted">Records that only a reader of uncommitted records sees.</param>
/// <param name="HeldUp">Partitions with a transaction that has no end.</param>
internal sealed record Outcome(int Samples, Transcript Log, long Aborted, IReadOnlyList<string> HeldUp, IReadOnlyList<Finding> Findings)
{
    public void Print(ChaosRun run, ITestOutputHelper output)
    {
        output.WriteLine($"ended unasked: {string.Join(", ", run.Instances.Select(instance => $"{instance.Name} {instance.UnaskedEnds} times"))}");
        output.WriteLine($"samples {Samples}, records {Log.Records}, of aborted transactions {Aborted}");
        output.WriteLine(string.Join(", ", Enum.GetValues<Harm>().Select(harm => $"{harm} {Count(harm)}")));
        foreach (var finding in Findings.Take(20))
            output.WriteLine($"{finding}");
    }

    private int Count(Harm harm) => Findings.Where(finding => finding.Harm == harm).Sum(finding => finding.Records);
}
