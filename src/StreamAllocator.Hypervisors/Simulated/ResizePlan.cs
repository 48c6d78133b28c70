using StreamAllocator.Domain;

namespace StreamAllocator.Hypervisors.Simulated;

/// <summary>Draws how a request will end, and when: all of it is decided when it begins. Always the same number of draws.</summary>
internal sealed class ResizePlan(SimulatedOptions options)
{
    public void Begin(SimulatedVm vm, ResizeCommand command, string destination, VmSize granularity, EventTime now)
    {
        var random = SeededRandom.For(StableHash.Combine(options.Seed, (ulong)command.Revision), vm.VmId);
        var failed = random.NextDouble() < options.FailureProbability;
        var moveMilliseconds = options.MoveDelay.DrawMilliseconds(ref random);
        vm.Revision = command.Revision;
        vm.LastEnd = RequestEnd.Reached;
        vm.Destination = destination;
        vm.Move = default;
        if (destination != vm.HostId)
        {
            now += TimeSpan.FromMilliseconds(moveMilliseconds);
            vm.Move = new PendingChange { Active = true, At = now, End = failed ? RequestEnd.Failed : RequestEnd.Reached };
        }

        vm.Cpu = Draw(ref random, vm.Size.CpuCores, command.Target.CpuCores, granularity.CpuCores, options.CpuDelay, 0, failed, now);
        var shrinks = command.Target.MemoryGib < vm.Size.MemoryGib;
        vm.Memory = Draw(
            ref random, vm.Size.MemoryGib, command.Target.MemoryGib, granularity.MemoryGib,
            shrinks ? options.MemoryShrinkDelay : options.MemoryGrowDelay, shrinks ? options.StallProbability : 0, failed, now);
    }

    private PendingChange Draw(
        ref SeededRandom random, double from, double target, double step, DelayRange delay, double stallProbability, bool failed, EventTime now)
    {
        var wait = delay.DrawMilliseconds(ref random);
        var partial = random.NextDouble() < options.PartialProbability;
        var share = 0.3 + 0.6 * random.NextDouble();
        var stalls = random.NextDouble() < stallProbability;
        var stallMilliseconds = options.StallDelay.DrawMilliseconds(ref random);
        if (target == from)
            return default;
        var end = failed ? RequestEnd.Failed
            : partial ? RequestEnd.StoppedHalfway
            : stalls ? RequestEnd.Stalled
            : RequestEnd.Reached;
        return new PendingChange
        {
            Active = true,
            At = now + TimeSpan.FromMilliseconds(end == RequestEnd.Stalled ? wait + stallMilliseconds : wait),
            To = Steps.Up(partial && !failed ? from + share * (target - from) : target, step),
            End = end,
        };
    }
}
