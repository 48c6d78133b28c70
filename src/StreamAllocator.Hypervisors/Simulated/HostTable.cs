using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>
/// What each host has left. Sums are taken over the VMs anew, in their order, whenever one is wanted: a running total would drift, and
/// differ in its last bit between a state that lived and one that was restored.
/// </summary>
internal sealed class HostTable(IReadOnlyList<HostSpec> hosts, IReadOnlyList<SimulatedVm> vms)
{
    /// <summary>Null where the VM runs on an offer, or in a pool without hosts: no limit is known.</summary>
    public HostSpec? Find(string hostId)
    {
        foreach (var host in hosts)
        {
            if (host.HostId == hostId)
                return host;
        }

        return null;
    }

    /// <summary>Capacity that no VM holds; negative where the host is given away more than once.</summary>
    public double Free(HostSpec host, Resource resource)
    {
        var free = host.Capacity[resource];
        foreach (var vm in vms)
        {
            if (vm.HostId == host.HostId)
                free -= vm.Size[resource];
        }

        return free;
    }

    /// <summary>
    /// Best fit: of the pool's hosts that hold the size, the one that is left with the smallest share of its capacity; where none holds it, the
    /// one with the most to give. Ties go to the first in the list.
    /// </summary>
    public string Place(string poolId, VmSize size)
    {
        var (chosen, best) = ("", double.PositiveInfinity);
        foreach (var host in hosts)
        {
            if (host.PoolId != poolId)
                continue;
            var cpu = (Free(host, Resource.Cpu) - size.CpuCores) / host.Capacity.CpuCores;
            var memory = (Free(host, Resource.Memory) - size.MemoryGib) / host.Capacity.MemoryGib;
            // A host that would be overrun ranks behind every other (shares left add up to 2 at most), the less overrun the better.
            var rank = cpu >= 0 && memory >= 0 ? cpu + memory : 2 - Math.Min(cpu, memory);
            if (rank < best)
                (chosen, best) = (host.HostId, rank);
        }

        return chosen;
    }
}
