using StreamAllocator.Decisions;
using StreamAllocator.Domain;
using StreamAllocator.Server.Contract;

namespace StreamAllocator.Server.Views;

/// <summary>Sums of one pool over its hosts and VMs.</summary>
internal sealed class PoolTotals(string poolId)
{
    private int _hosts;
    private int _vms;
    private int _critical;
    private VmSize _capacity;
    private VmSize _largest;
    private VmSize _held;

    public void Add(HostSpec host)
    {
        _hosts++;
        _capacity = Sum(_capacity, host.Capacity);
        _largest = VmSize.Max(_largest, host.Capacity);
    }

    public void Add(VmSpec spec, VmSize held)
    {
        _vms++;
        _critical += spec.Priority == Priority.Critical ? 1 : 0;
        _held = Sum(_held, held);
    }

    public PoolAnswer Answer(DecisionOptions options)
    {
        var reserved = _critical == 0
            ? default
            : new VmSize(Reserve(Resource.Cpu, options), Reserve(Resource.Memory, options));
        var free = new VmSize(
            Math.Max(0, _capacity.CpuCores - _held.CpuCores), Math.Max(0, _capacity.MemoryGib - _held.MemoryGib));
        return new PoolAnswer(
            poolId, _hosts, _vms, _critical, SizeAnswer.Of(_capacity), SizeAnswer.Of(_held), SizeAnswer.Of(reserved), SizeAnswer.Of(free));
    }

    private double Reserve(Resource resource, DecisionOptions options) =>
        options.ReserveShare * _capacity[resource] + (options.ReserveLargestHost ? _largest[resource] : 0);

    private static VmSize Sum(VmSize left, VmSize right) => new(left.CpuCores + right.CpuCores, left.MemoryGib + right.MemoryGib);
}
