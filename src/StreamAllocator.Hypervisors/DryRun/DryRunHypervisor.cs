using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Execution;

namespace StreamAllocator.Hypervisors.DryRun;

/// <summary>Shows what the real hypervisor shows, and applies nothing.</summary>
public sealed class DryRunHypervisor(IHypervisor real) : IHypervisor
{
    public bool TryFind(ResizeCommand command, out VmReading reading) => real.TryFind(command, out reading);

    public bool TryRead(string vmId, out VmReading reading) => real.TryRead(vmId, out reading);

    public ResizeAnswer Resize(ResizeCommand command, EventTime now) => new(Begun: false, IsDryRun: true, "dry run: nothing was applied");

    public void Advance(EventTime to) => real.Advance(to);

    public void Recall(Allocation published) => real.Recall(published);

    public void Save(IBufferWriter<byte> to) => real.Save(to);

    public void Load(ReadOnlySpan<byte> from) => real.Load(from);
}
