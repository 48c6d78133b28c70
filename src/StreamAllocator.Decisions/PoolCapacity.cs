using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// What the hosts of a pool can grant, and what is granted. A VM counts with the larger of wanted and observed until it is read back, so
/// an increase holds its capacity from the permit on and a decrease frees it only when seen.
/// </summary>
internal sealed class PoolCapacity
{
    /// <summary>Sums of doubles are off by this much at most: smaller lacks are none.</summary>
    private const double Tolerance = 1e-9;

    private readonly SortedList<string, HostSpec> _hosts = new(StringComparer.Ordinal);
    private readonly double[] _total = new double[Resources.ResizableCount];
    private readonly double[] _onDemand = new double[Resources.ResizableCount];
    private readonly double[] _largest = new double[Resources.ResizableCount];
    private readonly double[] _held = new double[Resources.ResizableCount];
    private readonly double[] _heldByCritical = new double[Resources.ResizableCount];
    private bool _hasCritical;

    /// <summary>The hosts by id.</summary>
    public IList<HostSpec> Hosts => _hosts.Values;

    public void Put(HostSpec host)
    {
        _hosts[host.HostId] = host;
        Sum();
    }

    public bool Remove(string hostId)
    {
        if (!_hosts.Remove(hostId))
            return false;
        Sum();
        return true;
    }

    /// <summary>Smallest step of the VM's host; where that is unknown, the coarsest of the pool, which every host can grant.</summary>
    public double GranularityOf(string hostId, Resource resource, DecisionOptions options)
    {
        if (_hosts.TryGetValue(hostId, out var known))
            return known.Granularity[resource];
        if (_hosts.Count == 0)
            return options.DefaultGranularity[resource];
        var coarsest = 0.0;
        foreach (var host in _hosts.Values)
            coarsest = Math.Max(coarsest, host.Granularity[resource]);
        return coarsest;
    }

    /// <summary>Counts anew what is held, in order of ids: an incremental sum would depend on the order in which read-backs came.</summary>
    public void Recount(VmTable vms)
    {
        _hasCritical = false;
        _held.AsSpan().Clear();
        _heldByCritical.AsSpan().Clear();
        foreach (var row in vms.ById)
        {
            var critical = vms.Spec(row).Priority == Priority.Critical;
            _hasCritical |= critical;
            if (vms.Texts(row).OfferId.Length > 0)
                continue;
            // On its way to an offer it holds here only what it has.
            var leaving = vms.Texts(row).PendingOfferId.Length > 0;
            for (var resource = 0; resource < Resources.ResizableCount; resource++)
            {
                ref var state = ref vms.State(row).Resources[resource];
                var held = leaving ? state.Observed : state.Held;
                _held[resource] += held;
                if (critical)
                    _heldByCritical[resource] += held;
            }
        }
    }

    /// <summary>
    /// Free capacity that a VM of this priority may draw on, never negative. Critical VMs draw on the reserve too, but not on spot hosts.
    /// </summary>
    /// <param name="withoutReserve">The same if nothing were reserved: tells "reserved" from "none".</param>
    public double Free(Resource resource, Priority priority, out double withoutReserve, DecisionOptions options)
    {
        var index = (int)resource;
        var free = _total[index] - _held[index];
        if (priority == Priority.Critical)
        {
            free = Math.Min(free, _onDemand[index] - _heldByCritical[index]);
            withoutReserve = AtLeastZero(free);
            return withoutReserve;
        }

        withoutReserve = AtLeastZero(free);
        return AtLeastZero(free - Reserve(index, options));
    }

    /// <summary>Takes what a permit granted beyond what the VM held.</summary>
    public void Take(Resource resource, Priority priority, double amount)
    {
        _held[(int)resource] += amount;
        if (priority == Priority.Critical)
            _heldByCritical[(int)resource] += amount;
    }

    private double Reserve(int resource, DecisionOptions options) => _hasCritical
        ? options.ReserveShare * _total[resource] + (options.ReserveLargestHost ? _largest[resource] : 0)
        : 0;

    private static double AtLeastZero(double free) => free < Tolerance ? 0 : free;

    private void Sum()
    {
        for (var resource = 0; resource < Resources.ResizableCount; resource++)
        {
            _total[resource] = _onDemand[resource] = _largest[resource] = 0;
            foreach (var host in _hosts.Values)
            {
                var capacity = host.Capacity[(Resource)resource];
                _total[resource] += capacity;
                if (!host.Spot)
                    _onDemand[resource] += capacity;
                _largest[resource] = Math.Max(_largest[resource], capacity);
            }
        }
    }
}
