using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>
/// Which VMs each host holds, and what it has left. Sums are taken over a host's VMs anew, in their order, whenever one is wanted: a running
/// total would drift, and differ in its last bit between a state that lived and one that was restored.
/// </summary>
internal sealed class HostTable
{
    private readonly Dictionary<string, Host> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Host>> _byPool = new(StringComparer.Ordinal);

    public HostTable(IReadOnlyList<HostSpec> specs)
    {
        foreach (var spec in specs)
        {
            var host = new Host(spec);
            // Of two hosts with one id the first counts, as it does where a pool is searched.
            _byId.TryAdd(spec.HostId, host);
            if (!_byPool.TryGetValue(spec.PoolId, out var hosts))
                _byPool.Add(spec.PoolId, hosts = []);
            hosts.Add(host);
        }
    }

    /// <summary>Null where the VM runs on an offer, or in a pool without hosts: no limit is known.</summary>
    public HostSpec? Find(string hostId) => _byId.GetValueOrDefault(hostId)?.Spec;

    /// <summary>The VM runs on that host from now on.</summary>
    public void Move(SimulatedVm vm, string hostId)
    {
        _byId.GetValueOrDefault(vm.HostId)?.Remove(vm);
        vm.HostId = hostId;
        _byId.GetValueOrDefault(hostId)?.Add(vm);
    }

    public void Clear()
    {
        foreach (var host in _byId.Values)
            host.Clear();
    }

    /// <summary>Capacity that no VM holds; negative where the host is given away more than once.</summary>
    public double Free(HostSpec host, Resource resource) => _byId[host.HostId].Free(resource);

    /// <summary>
    /// Best fit: of the pool's hosts that hold the size, the one that is left with the smallest share of its capacity; where none holds it, the
    /// one with the most to give. Ties go to the first in the list.
    /// </summary>
    public string Choose(string poolId, VmSize size)
    {
        var (chosen, best) = ("", double.PositiveInfinity);
        foreach (var host in _byPool.GetValueOrDefault(poolId, []))
        {
            var cpu = (host.Free(Resource.Cpu) - size.CpuCores) / host.Spec.Capacity.CpuCores;
            var memory = (host.Free(Resource.Memory) - size.MemoryGib) / host.Spec.Capacity.MemoryGib;
            // A host that would be overrun ranks behind every other (shares left add up to 2 at most), the less overrun the better.
            var rank = cpu >= 0 && memory >= 0 ? cpu + memory : 2 - Math.Min(cpu, memory);
            if (rank < best)
                (chosen, best) = (host.Spec.HostId, rank);
        }

        return chosen;
    }

    private sealed class Host(HostSpec spec)
    {
        private static readonly Comparer<SimulatedVm> ByOrder = Comparer<SimulatedVm>.Create((one, other) => one.Order.CompareTo(other.Order));

        private readonly List<SimulatedVm> _vms = [];

        public HostSpec Spec => spec;

        public void Add(SimulatedVm vm) => _vms.Insert(~_vms.BinarySearch(vm, ByOrder), vm);

        public void Remove(SimulatedVm vm) => _vms.RemoveAt(_vms.BinarySearch(vm, ByOrder));

        public void Clear() => _vms.Clear();

        public double Free(Resource resource)
        {
            var free = spec.Capacity[resource];
            foreach (var vm in _vms)
                free -= vm.Size[resource];
            return free;
        }
    }
}
