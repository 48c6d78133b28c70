using StreamAllocator.Domain;
using StreamAllocator.Hypervisors.DryRun;
using StreamAllocator.Hypervisors.Simulated;

namespace StreamAllocator.Hypervisors.Tests.DryRun;

public sealed class DryRunHypervisorTests
{
    [Fact]
    public void Nothing_is_applied_and_the_present_size_is_shown()
    {
        var dry = new DryRunHypervisor(new SimulatedHypervisor(new SimulatedOptions()));
        var command = Commands.Resize("vm", 1, new VmSize(4, 8), new VmSize(2, 4), default);
        Assert.True(dry.TryFind(command, out _));

        var answer = dry.Resize(command, default);
        dry.Advance(EventTime.FromUnixSeconds(3600));

        Assert.Equal((false, true), (answer.Begun, answer.IsDryRun));
        Assert.True(dry.TryRead("vm", out var reading));
        Assert.Equal(new VmSize(2, 4), reading.Size);
    }
}
