using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>A simulated VM in a saved state.</summary>
internal static class SimulatedVmState
{
    public static void Save(SimulatedVm vm, StateWriter state)
    {
        state.Text(vm.VmId);
        state.Text(vm.PoolId);
        state.Text(vm.HostId);
        state.Double(vm.Size.CpuCores);
        state.Double(vm.Size.MemoryGib);
        state.Int64(vm.Revision);
        state.Int64(vm.ChangedAt.UnixMilliseconds);
        state.Int64((int)vm.LastEnd);
        state.Text(vm.Destination);
        for (var kind = ChangeKind.Move; kind <= ChangeKind.Memory; kind++)
            Save(vm[kind], state);
    }

    /// <param name="order">Its place among all VMs.</param>
    /// <param name="hostId">The host that it is to be put on.</param>
    public static SimulatedVm Load(ref StateReader state, int order, out string hostId)
    {
        var (vmId, poolId) = (state.Text(), state.Text());
        hostId = state.Text();
        var vm = new SimulatedVm
        {
            Order = order,
            VmId = vmId,
            PoolId = poolId,
            Size = new VmSize(state.Double(), state.Double()),
            Revision = state.Int64(),
            ChangedAt = new EventTime(state.Int64()),
            LastEnd = (RequestEnd)state.Int32(),
            Destination = state.Text(),
        };
        for (var kind = ChangeKind.Move; kind <= ChangeKind.Memory; kind++)
        {
            vm[kind] = new PendingChange
            {
                Active = state.Bool(),
                At = new EventTime(state.Int64()),
                To = state.Double(),
                End = (RequestEnd)state.Int32(),
            };
        }

        return vm;
    }

    private static void Save(in PendingChange change, StateWriter state)
    {
        state.Bool(change.Active);
        state.Int64(change.At.UnixMilliseconds);
        state.Double(change.To);
        state.Int64((int)change.End);
    }
}
