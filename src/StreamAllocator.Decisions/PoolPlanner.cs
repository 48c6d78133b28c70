using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// The resource manager of one pool: a deterministic fold. Inputs are applied in the order of their log, then each tick decides every VM,
/// critical first, then by id. Reads no clock; belongs to one thread; a round in which nothing changes allocates nothing.
/// </summary>
/// <remarks>
/// Until a host is known the pool has no capacity, and every increase is denied. A VM counts as having its provisioned size until a
/// read-back says otherwise. The order of inputs between two ticks matters only among those of one VM, host or offer.
/// </remarks>
public sealed class PoolPlanner
{
    private readonly DecisionOptions _options;
    private readonly VmTable _vms = new();
    private readonly PoolCapacity _capacity = new();
    private readonly OfferBook _offers = new();
    private readonly Decision _decision = new();
    private readonly DecisionRound _round;
    private PoolState _pool = PoolState.New;

    /// <exception cref="ArgumentException">The options are not valid; the message names every violation.</exception>
    public PoolPlanner(string poolId, DecisionOptions options)
    {
        if (!Identifier.IsValid(poolId))
            throw new ArgumentException($"pool_id '{poolId}': expected {Identifier.Expected}", nameof(poolId));
        var violations = options.Validate();
        if (violations.Count > 0)
            throw new ArgumentException(string.Join("; ", violations), nameof(options));
        PoolId = poolId;
        _options = options;
        _round = new DecisionRound(_vms, _capacity, _offers, options);
    }

    public string PoolId { get; }

    public int VmCount => _vms.Count;

    /// <summary>Takes a VM up, or its changed inventory; its history stays.</summary>
    public void Apply(VmSpec spec)
    {
        RequirePool(spec.PoolId, spec.VmId);
        SetGranularity(_vms.Put(spec));
    }

    public void Apply(HostSpec host)
    {
        RequirePool(host.PoolId, host.HostId);
        _capacity.Put(host);
        SetGranularities();
    }

    public void Apply(Offer offer)
    {
        RequirePool(offer.PoolId, offer.OfferId);
        _offers.Put(offer);
    }

    /// <summary>Forgets a VM; what it held is free. False where it was not known.</summary>
    public bool RemoveVm(string vmId) => _vms.Remove(vmId);

    public bool RemoveHost(string hostId)
    {
        if (!_capacity.Remove(hostId))
            return false;
        SetGranularities();
        return true;
    }

    /// <summary>VMs placed on it stay there and can only shrink.</summary>
    public bool RemoveOffer(string offerId) => _offers.Remove(offerId);

    /// <summary>
    /// Takes over a VM's newest outlook. False, and nothing taken over, where the VM is unknown, the outlook is older than the one known,
    /// or a forecast value is negative or not finite: the one known then ages.
    /// </summary>
    public bool Apply(in DemandOutlook outlook)
    {
        if (!_vms.TryFind(outlook.VmId, out var row))
            return false;
        ref var state = ref _vms.State(row);
        if (outlook.Origin.UnixMilliseconds < state.OriginMs || !OutlookCheck.IsUsable(in outlook))
            return false;
        state.OriginMs = outlook.Origin.UnixMilliseconds;
        state.DataAgeWindows = outlook.DataAgeWindows;
        state.Flags = outlook.Flags;
        outlook.Levels.CopyTo(state.Levels);
        outlook.DwellQuantiles.CopyTo(state.Quantiles);
        _vms.Texts(row).ModelVersion = outlook.ModelVersion;
        if (state.EvidenceMs <= state.OriginMs)
            state.Evidence = OutlookFlags.None;
        RecentMaximum.Observe(
            ref state, outlook.Origin, outlook.UsageMax(Resource.Cpu), outlook.UsageMax(Resource.Memory), _options.GuardWindow);
        return true;
    }

    /// <summary>Saturation or throttling seen between two windows; it counts until a window that ends later arrives.</summary>
    public bool ApplyEvidence(string vmId, OutlookFlags evidence, EventTime seen)
    {
        if (!_vms.TryFind(vmId, out var row))
            return false;
        ref var state = ref _vms.State(row);
        if (seen.UnixMilliseconds < state.OriginMs)
            return true;
        state.Evidence |= evidence & ~OutlookFlags.Warming;
        state.EvidenceMs = Math.Max(state.EvidenceMs, seen.UnixMilliseconds);
        return true;
    }

    /// <summary>Says whether a VM's source lags too much: its VMs are then never shrunk. False where it was not known.</summary>
    public bool MarkStale(string vmId, bool stale)
    {
        if (!_vms.TryFind(vmId, out var row))
            return false;
        _vms.State(row).SourceStale = stale ? 1 : 0;
        return true;
    }

    /// <summary>Takes over what was read back. False where the VM is unknown.</summary>
    public bool Apply(Allocation allocation)
    {
        if (!_vms.TryFind(allocation.VmId, out var row))
            return false;
        ReadBack.Apply(ref _vms.State(row), ref _vms.Texts(row), allocation, _offers, _options);
        SetGranularity(row);
        return true;
    }

    /// <summary>Notes a person's request; the next <see cref="Answer"/> or <see cref="Decide"/> answers it. False where it names nobody here.</summary>
    public bool Apply(ControlRequest request)
    {
        if (request.VmId.Length > 0)
        {
            if (!_vms.TryFind(request.VmId, out var row))
                return false;
            PersonsRequest.Apply(ref _vms.State(row), ref _vms.Texts(row), request, _options);
            return true;
        }

        if (request.PoolId != PoolId)
            return false;
        switch (request)
        {
            case HoldRequest hold:
                _pool.HeldUntilMs = hold.Until.UnixMilliseconds;
                _pool.RequestId = hold.RequestId;
                break;
            case ReleaseRequest:
                _pool.HeldUntilMs = VmState.Never;
                _pool.RequestId = "";
                break;
            case RollbackRequest:
                foreach (var row in _vms.ById)
                    PersonsRequest.Apply(ref _vms.State(row), ref _vms.Texts(row), request, _options);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>
    /// One round: a decision for every VM, holds included, critical first, then by id. The decision that is handed over is reused for the
    /// next one; whoever keeps it copies it.
    /// </summary>
    /// <param name="tick">Event time of the round; rounds go forward in time.</param>
    /// <param name="fence">Epoch of the deciding task, stamped on every command.</param>
    /// <param name="visit">Takes each decision. A delegate kept by the caller keeps the round free of allocations.</param>
    public void Decide(EventTime tick, long fence, Action<Decision> visit)
    {
        _round.Begin(tick, fence, PoolId, ref _pool);
        foreach (var row in _vms.Order)
        {
            _round.Decide(row, ref _pool, _decision);
            visit(_decision);
        }
    }

    /// <summary>Decides those VMs alone that have a request waiting for its first answer.</summary>
    public void Answer(EventTime time, long fence, Action<Decision> visit)
    {
        _round.Begin(time, fence, PoolId, ref _pool);
        foreach (var row in _vms.Order)
        {
            if (_vms.State(row).RequestPending == 0)
                continue;
            _round.Decide(row, ref _pool, _decision);
            visit(_decision);
        }
    }

    /// <summary>
    /// Between two rounds: decides those VMs alone that are seen saturated, unless a command is in flight, and hands over what comes of it: a
    /// command, or that the pool has no room (which then backs off). That nothing changes is left to the round to say.
    /// </summary>
    public void React(EventTime time, long fence, Action<Decision> visit)
    {
        var begun = false;
        foreach (var row in _vms.Order)
        {
            ref readonly var state = ref _vms.State(row);
            if (state.UnansweredExpiryMs != VmState.Never || !Sizing.HasRecentEvidence(in state, time, _options))
                continue;
            if (!begun)
                _round.Begin(time, fence, PoolId, ref _pool);
            begun = true;
            _round.Decide(row, ref _pool, _decision);
            if (_decision.Command is not null || _decision.Kind == DecisionKind.Denied)
                visit(_decision);
        }
    }

    /// <summary>Writes the whole state: save → load → save gives the same bytes, whatever the order in which VMs came.</summary>
    public void Save(IBufferWriter<byte> to) => PlannerSnapshot.Save(new StateWriter(to), PoolId, in _pool, _vms, _capacity, _offers);

    /// <summary>Takes over a saved state, into a planner that has seen nothing yet, and returns the bytes behind it.</summary>
    /// <exception cref="InvalidDataException">It is not a state of this pool and this layout.</exception>
    public ReadOnlySpan<byte> Load(ReadOnlySpan<byte> from)
    {
        if (_vms.Count > 0)
            throw new InvalidOperationException("a state is loaded into a planner that has seen nothing yet");
        var reader = new StateReader(from);
        PlannerSnapshot.Load(ref reader, PoolId, out _pool, _vms, _capacity, _offers);
        return reader.Rest;
    }

    private void RequirePool(string poolId, string id)
    {
        if (poolId != PoolId)
            throw new ArgumentException($"'{id}' is of pool '{poolId}': expected '{PoolId}'", nameof(poolId));
    }

    private void SetGranularities()
    {
        foreach (var row in _vms.ById)
            SetGranularity(row);
    }

    private void SetGranularity(int row)
    {
        for (var resource = 0; resource < Resources.ResizableCount; resource++)
        {
            _vms.State(row).Resources[resource].Granularity =
                _capacity.GranularityOf(_vms.Texts(row).HostId, (Resource)resource, _options);
        }
    }
}
