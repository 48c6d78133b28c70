using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Execution;

namespace StreamAllocator.Pipeline.Tests.Execution;

/// <summary>Shows what the test says, and notes what it was asked for.</summary>
internal sealed class ScriptedHypervisor : IHypervisor
{
    public Dictionary<string, VmReading> Vms { get; } = [];

    public List<ResizeCommand> Asked { get; } = [];

    public ResizeAnswer Answer { get; set; } = new(Begun: true);

    /// <summary>What a request does to the reading of its VM, at once.</summary>
    public Func<ResizeCommand, VmReading, VmReading> Effect { get; set; } = (command, reading) => reading with { Size = command.Target };

    public EventTime Now { get; private set; } = EventTime.Unknown;

    public bool TryFind(ResizeCommand command, out VmReading reading) => TryRead(command.VmId, out reading);

    public bool TryRead(string vmId, out VmReading reading) => Vms.TryGetValue(vmId, out reading);

    public ResizeAnswer Resize(ResizeCommand command, EventTime now)
    {
        Asked.Add(command);
        if (Answer.Begun)
            Vms[command.VmId] = Effect(command, Vms[command.VmId]);
        return Answer;
    }

    public void Advance(EventTime to) => Now = to;

    public void Recall(Allocation published)
    {
    }

    public void Save(IBufferWriter<byte> to)
    {
    }

    public void Load(ReadOnlySpan<byte> from)
    {
    }
}
