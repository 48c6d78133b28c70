using System.Buffers;
using StreamAllocator.Decisions;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Decide;

/// <summary>The pools of a decide task, each with its planner, and which VM is in which. What belongs to other partitions is passed over.</summary>
internal sealed class PoolRoster(DecisionOptions options, int partition, int partitions)
{
    private readonly SortedDictionary<string, PoolPlanner> _planners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PoolPlanner> _plannerOf = new(StringComparer.Ordinal);
    private bool[] _leftOut = [false];

    /// <summary>In order of the pool ids.</summary>
    public IReadOnlyCollection<PoolPlanner> Planners => _planners.Values;

    public PoolPlanner? Find(string vmId) => _plannerOf.GetValueOrDefault(vmId);

    public void Put(VmSpec vm)
    {
        if (_plannerOf.TryGetValue(vm.VmId, out var before) && before.PoolId != vm.PoolId)
            RemoveVm(vm.VmId);
        if (Planner(vm.PoolId) is not { } planner)
            return;
        planner.Apply(vm);
        _plannerOf[vm.VmId] = planner;
        planner.MarkStale(vm.VmId, _leftOut[PredictPartition(vm.VmId)]);
    }

    public void Put(HostSpec host) => Planner(host.PoolId)?.Apply(host);

    public void Put(Offer offer) => Planner(offer.PoolId)?.Apply(offer);

    public void RemoveVm(string vmId)
    {
        if (_plannerOf.Remove(vmId, out var planner))
            planner.RemoveVm(vmId);
    }

    public void RemoveHost(string hostId)
    {
        foreach (var planner in _planners.Values)
            planner.RemoveHost(hostId);
    }

    public void RemoveOffer(string offerId)
    {
        foreach (var planner in _planners.Values)
            planner.RemoveOffer(offerId);
    }

    /// <summary>Hands a request to those it concerns; they then owe an answer.</summary>
    public IEnumerable<PoolPlanner> Apply(ControlRequest request)
    {
        foreach (var planner in _planners.Values)
        {
            if (planner.Apply(request))
                yield return planner;
        }
    }

    /// <summary>VMs whose predict partition is left out have no news: they count as stale until it is back.</summary>
    public void MarkStale(SourceTicks ticks)
    {
        if (ticks.CountOf(TickSource.Predict) is var sources && sources > _leftOut.Length)
            _leftOut = [.. Enumerable.Range(0, sources).Select(source => _leftOut[source % _leftOut.Length])];
        for (var source = 0; source < _leftOut.Length; source++)
        {
            var leftOut = ticks.IsLeftOut(TickSource.Predict, source);
            if (leftOut == _leftOut[source])
                continue;
            _leftOut[source] = leftOut;
            // A mark is the VM's own: the order does not count.
            foreach (var (vmId, planner) in _plannerOf)
            {
                if (PredictPartition(vmId) == source)
                    planner.MarkStale(vmId, leftOut);
            }
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Array<bool>(_leftOut);
        state.Int64(_planners.Count);
        foreach (var (poolId, planner) in _planners)
        {
            state.Text(poolId);
            state.Part(planner.Save);
        }

        state.Int64(_plannerOf.Count);
        foreach (var (vmId, planner) in _plannerOf.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            state.Text(vmId);
            state.Text(planner.PoolId);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _leftOut = state.Array<bool>();
        for (var count = state.Int64(); count > 0; count--)
        {
            var planner = new PoolPlanner(state.Text(), options);
            planner.Load(state.Part());
            _planners.Add(planner.PoolId, planner);
        }

        for (var count = state.Int64(); count > 0; count--)
        {
            var vmId = state.Text();
            _plannerOf.Add(vmId, _planners[state.Text()]);
        }
    }

    private int PredictPartition(string vmId) => StableHash.Partition(vmId, _leftOut.Length);

    private PoolPlanner? Planner(string poolId)
    {
        if (StableHash.Partition(poolId, partitions) != partition)
            return null;
        if (!_planners.TryGetValue(poolId, out var planner))
        {
            planner = new PoolPlanner(poolId, options);
            _planners.Add(poolId, planner);
        }

        return planner;
    }
}
