using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Execution;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>
/// Hosts in event time: a resize takes effect after a delay, in steps of the host's granularity, within what the host has left, and sometimes
/// fails, stops halfway or stalls. Draws come from (seed, VM, revision), so neither order nor partitions nor restarts move them.
/// Belongs to one thread.
/// </summary>
public sealed class SimulatedHypervisor : IHypervisor
{
    private readonly SimulatedOptions _options;
    private readonly List<SimulatedVm> _vms = [];
    private readonly Dictionary<string, SimulatedVm> _byId = new(StringComparer.Ordinal);
    private readonly HostTable _hosts;
    private readonly ResizePlan _plan;
    private readonly List<(EventTime At, int Vm, ChangeKind Kind)> _due = [];

    /// <exception cref="ArgumentException">The options have violations; all are named.</exception>
    public SimulatedHypervisor(SimulatedOptions options)
    {
        var violations = string.Join("; ", options.Violations());
        if (violations.Length > 0)
            throw new ArgumentException(violations, nameof(options));
        _options = options;
        _hosts = new HostTable(options.Hosts);
        _plan = new ResizePlan(options);
        // Large ones first, so that the small ones fill the gaps.
        foreach (var vm in options.Vms.OrderByDescending(vm => vm.Provisioned.MemoryGib).ThenByDescending(vm => vm.Provisioned.CpuCores)
            .ThenBy(vm => vm.VmId, StringComparer.Ordinal))
            Place(vm.VmId, vm.PoolId, vm.Provisioned);
    }

    public bool TryFind(ResizeCommand command, out VmReading reading)
    {
        if (!_byId.ContainsKey(command.VmId))
            Place(command.VmId, command.PoolId, command.Expected);
        return TryRead(command.VmId, out reading);
    }

    public bool TryRead(string vmId, out VmReading reading)
    {
        if (!_byId.TryGetValue(vmId, out var vm))
        {
            reading = default;
            return false;
        }

        reading = new VmReading(vm.Size, GranularityOf(vm.HostId), vm.HostId, vm.Settled, vm.ChangedAt, Detail(vm));
        return true;
    }

    public ResizeAnswer Resize(ResizeCommand command, EventTime now)
    {
        if (!_byId.TryGetValue(command.VmId, out var vm))
            return new ResizeAnswer(Begun: false, Detail: "no such VM");
        if (command.Revision > vm.Revision)
        {
            var destination = command.Placement.Length == 0 ? vm.HostId : command.Placement;
            _plan.Begin(vm, command, destination, GranularityOf(destination), now);
        }

        return new ResizeAnswer(Begun: true);
    }

    public void Advance(EventTime to)
    {
        _due.Clear();
        for (var index = 0; index < _vms.Count; index++)
        {
            var vm = _vms[index];
            for (var kind = ChangeKind.Move; kind <= ChangeKind.Memory; kind++)
            {
                if (vm[kind].Active && vm[kind].At <= to)
                    _due.Add((vm[kind].At, index, kind));
            }
        }

        // By time, then VM, then kind: a total order, so that the order of the list cannot matter.
        _due.Sort();
        foreach (var (_, index, kind) in _due)
            TakeEffect(_vms[index], kind);
    }

    public void Recall(Allocation published)
    {
        if (!_byId.TryGetValue(published.VmId, out var vm))
        {
            Place(published.VmId, published.PoolId, published.Observed);
            vm = _byId[published.VmId];
        }

        vm.Size = published.Observed;
        if (published.HostId.Length > 0)
            _hosts.Move(vm, published.HostId);
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_vms.Count);
        foreach (var vm in _vms)
            SimulatedVmState.Save(vm, state);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        _vms.Clear();
        _byId.Clear();
        _hosts.Clear();
        var state = new StateReader(from);
        for (var count = state.Int64(); count > 0; count--)
            Add(SimulatedVmState.Load(ref state, _vms.Count, out var hostId), hostId);
    }

    private void TakeEffect(SimulatedVm vm, ChangeKind kind)
    {
        ref var change = ref vm[kind];
        change.Active = false;
        vm.ChangedAt = change.At;
        if (change.End is not RequestEnd.Reached and not RequestEnd.Stalled)
            vm.LastEnd = change.End;
        if (change.End == RequestEnd.Failed)
            return;
        if (kind == ChangeKind.Move)
            MoveTo(vm);
        else
            SetSize(vm, kind == ChangeKind.Cpu ? Resource.Cpu : Resource.Memory, change.To);
    }

    private void MoveTo(SimulatedVm vm)
    {
        var host = _hosts.Find(vm.Destination);
        var fits = host is null
            || (_hosts.Free(host, Resource.Cpu) >= vm.Size.CpuCores && _hosts.Free(host, Resource.Memory) >= vm.Size.MemoryGib);
        if (fits)
            _hosts.Move(vm, vm.Destination);
        else
            vm.LastEnd = RequestEnd.HostFull;
    }

    private void SetSize(SimulatedVm vm, Resource resource, double to)
    {
        var from = vm.Size[resource];
        if (to > from && _hosts.Find(vm.HostId) is { } host)
        {
            var most = Math.Max(from, Steps.Down(from + _hosts.Free(host, resource), host.Granularity[resource]));
            if (to > most)
                (to, vm.LastEnd) = (most, RequestEnd.HostFull);
        }

        vm.Size = resource == Resource.Cpu ? new VmSize(to, vm.Size.MemoryGib) : new VmSize(vm.Size.CpuCores, to);
    }

    private void Place(string vmId, string poolId, VmSize size) =>
        Add(new SimulatedVm { Order = _vms.Count, VmId = vmId, PoolId = poolId, Size = size }, _hosts.Choose(poolId, size));

    private void Add(SimulatedVm vm, string hostId)
    {
        _vms.Add(vm);
        _byId.Add(vm.VmId, vm);
        _hosts.Move(vm, hostId);
    }

    private VmSize GranularityOf(string hostId) => _hosts.Find(hostId)?.Granularity ?? _options.Granularity;

    private static string Detail(SimulatedVm vm) => vm.LastEnd switch
    {
        RequestEnd.Failed => "the hypervisor gave up",
        RequestEnd.StoppedHalfway => "stopped halfway",
        RequestEnd.HostFull => "the host is full",
        _ => vm.Settled ? "" : "still under way",
    };
}
