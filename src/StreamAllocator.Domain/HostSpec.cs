namespace StreamAllocator.Domain;

/// <summary>One host of a pool: what it can grant, and in which steps.</summary>
/// <param name="HostId">1–200 printable characters, opaque.</param>
/// <param name="PoolId">The pool whose capacity it is part of.</param>
/// <param name="Provider">Who runs it; empty is this site.</param>
/// <param name="Region">Where it runs; empty is this site.</param>
/// <param name="Capacity">All that its VMs may be granted together.</param>
/// <param name="Granularity">Smallest step of an allocation: 0.01 cores under a CPU quota, 1 for whole vCPUs; more than 0.</param>
/// <param name="Spot">It may be taken away at short notice.</param>
public sealed record HostSpec(
    string HostId,
    string PoolId,
    string Provider,
    string Region,
    VmSize Capacity,
    VmSize Granularity,
    bool Spot = false)
{
    /// <summary>Everything wrong with it, each with what was found and what was expected; empty if it is valid.</summary>
    public IEnumerable<string> Violations()
    {
        if (!Identifier.IsValid(HostId))
            yield return $"host_id '{HostId}': expected {Identifier.Expected}";
        if (!Identifier.IsValid(PoolId))
            yield return $"pool_id '{PoolId}': expected {Identifier.Expected}";
        foreach (var resource in new[] { Resource.Cpu, Resource.Memory })
        {
            if (Granularity[resource] <= 0)
                yield return FormattableString.Invariant($"{resource} granularity {Granularity[resource]}: expected more than 0");
        }
    }
}
