using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>The hosts that are simulated, and how badly they behave. Every draw is a function of (seed, VM, revision) alone.</summary>
public sealed record SimulatedOptions
{
    public ulong Seed { get; init; } = 1;

    /// <summary>Hosts of all pools. A pool without any grants everything.</summary>
    public IReadOnlyList<HostSpec> Hosts { get; init; } = [];

    /// <summary>VMs that run from the start, at their provisioned size. Others are placed when a command first names them.</summary>
    public IReadOnlyList<VmSpec> Vms { get; init; } = [];

    /// <summary>Smallest step where a VM has no host of the list.</summary>
    public VmSize Granularity { get; init; } = new(0.01, 0.015625);

    public DelayRange CpuDelay { get; init; } = DelayRange.Seconds(1, 5);

    public DelayRange MemoryGrowDelay { get; init; } = DelayRange.Seconds(1, 10);

    /// <summary>The guest has to give pages back.</summary>
    public DelayRange MemoryShrinkDelay { get; init; } = DelayRange.Seconds(5, 60);

    /// <summary>Added to the others where the VM moves to another host or to an offer.</summary>
    public DelayRange MoveDelay { get; init; } = DelayRange.Seconds(30, 120);

    /// <summary>A request that ends without having changed anything.</summary>
    public double FailureProbability { get; init; } = 0.01;

    /// <summary>Per resource: a change that stops on its way.</summary>
    public double PartialProbability { get; init; } = 0.03;

    /// <summary>Per shrinking of memory: a balloon that stalls and finishes late.</summary>
    public double StallProbability { get; init; } = 0.03;

    public DelayRange StallDelay { get; init; } = DelayRange.Seconds(300, 1200);

    /// <summary>Everything wrong with the options, each with what was found and what was expected.</summary>
    public IEnumerable<string> Violations()
    {
        foreach (var violation in Hosts.SelectMany(host => host.Violations()).Concat(Vms.SelectMany(vm => vm.Violations())))
            yield return violation;
        foreach (var (name, value) in new[]
        {
            ("failure", FailureProbability), ("partial", PartialProbability), ("stall", StallProbability),
        })
        {
            if (!(value >= 0 && value <= 1))
                yield return FormattableString.Invariant($"{name} probability {value}: expected 0 to 1");
        }

        foreach (var violation in CpuDelay.Violations("CPU").Concat(MemoryGrowDelay.Violations("memory growing"))
            .Concat(MemoryShrinkDelay.Violations("memory shrinking")).Concat(MoveDelay.Violations("move")).Concat(StallDelay.Violations("stall")))
            yield return violation;
        if (Granularity.CpuCores <= 0 || Granularity.MemoryGib <= 0)
            yield return $"granularity {Granularity}: expected more than 0";
    }
}
