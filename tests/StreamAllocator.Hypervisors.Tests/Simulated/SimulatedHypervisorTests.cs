using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline.Execution;

namespace StreamAllocator.Hypervisors.Tests.Simulated;

public sealed class SimulatedHypervisorTests
{
    private static readonly EventTime T0 = EventTime.FromUnixSeconds(1_700_000_100);
    private static readonly VmSize Step = new(0.25, 0.5);
    private static readonly SimulatedOptions Reliable = new()
    {
        FailureProbability = 0,
        PartialProbability = 0,
        StallProbability = 0,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Vms_are_placed_large_ones_first_where_they_leave_least(bool reversed)
    {
        HostSpec[] hosts = [Host("roomy", 16, 64), Host("tight", 8, 32), Host("elsewhere", 4, 16) with { PoolId = "other" }];
        var hypervisor = new SimulatedHypervisor(Reliable with
        {
            Hosts = [.. reversed ? hosts.Reverse() : hosts],
            Vms = [Vm("small", 2, 4), Vm("large", 6, 24), Vm("huge", 12, 48)],
        });

        Assert.Equal(["roomy", "tight", "tight"], new[] { "huge", "large", "small" }.Select(vm => Read(hypervisor, vm).HostId));
    }

    [Fact]
    public void Vm_that_nothing_holds_goes_where_most_is_left()
    {
        var hypervisor = new SimulatedHypervisor(Reliable with { Hosts = [Host("a", 2, 8), Host("b", 4, 16)], Vms = [Vm("vm", 6, 24)] });

        Assert.Equal("b", Read(hypervisor, "vm").HostId);
    }

    [Fact]
    public void Vm_met_for_the_first_time_has_the_size_that_the_command_expects()
    {
        var hypervisor = new SimulatedHypervisor(Reliable);
        Assert.False(hypervisor.TryRead("vm", out _));

        Assert.True(hypervisor.TryFind(Commands.Resize("vm", 1, new VmSize(3, 8), new VmSize(2, 4), T0), out var reading));

        Assert.Equal((new VmSize(2, 4), true), (reading.Size, reading.Settled));
    }

    [Fact]
    public void Change_takes_effect_after_its_delay_and_not_before()
    {
        var hypervisor = new SimulatedHypervisor(Reliable);
        Begin(hypervisor, Commands.Resize("vm", 1, new VmSize(3, 8), new VmSize(2, 4), T0));

        hypervisor.Advance(T0 + TimeSpan.FromMilliseconds(999));
        Assert.Equal((new VmSize(2, 4), false), (Read(hypervisor, "vm").Size, Read(hypervisor, "vm").Settled));

        hypervisor.Advance(T0 + TimeSpan.FromSeconds(10));
        var reading = Read(hypervisor, "vm");
        Assert.Equal((new VmSize(3, 8), true), (reading.Size, reading.Settled));
        Assert.InRange(reading.ChangedAt - T0, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Target_is_rounded_up_to_the_step_of_the_host()
    {
        var hypervisor = new SimulatedHypervisor(Reliable with { Hosts = [Host("a", 8, 32)] });

        Assert.Equal(new VmSize(2.75, 6.5), SizeAfter(hypervisor, new VmSize(2.51, 6.1)));
    }

    [Fact]
    public void Growth_ends_where_the_host_is_full()
    {
        var hypervisor = new SimulatedHypervisor(Reliable with { Hosts = [Host("a", 5.6, 32)], Vms = [Vm("other", 3, 4), Vm("vm", 2, 4)] });

        Assert.Equal(new VmSize(2.5, 8), SizeAfter(hypervisor, new VmSize(4, 8)));
        Assert.Equal("the host is full", Read(hypervisor, "vm").Detail);
    }

    [Fact]
    public void Capacity_of_a_shrink_is_free_only_once_it_took_effect()
    {
        // "a" gives 4 GiB back after 5 s at the earliest; "b" asks for them after 1 s at the latest.
        var hypervisor = new SimulatedHypervisor(Reliable with
        {
            Hosts = [Host("host", 8, 16)],
            Vms = [Vm("a", 1, 8), Vm("b", 1, 8)],
            MemoryGrowDelay = DelayRange.Seconds(1, 1),
        });
        Begin(hypervisor, Commands.Resize("a", 1, new VmSize(1, 4), new VmSize(1, 8), T0));
        Begin(hypervisor, Commands.Resize("b", 1, new VmSize(1, 12), new VmSize(1, 8), T0));

        hypervisor.Advance(T0 + TimeSpan.FromMinutes(5));

        Assert.Equal((4, 8), (Read(hypervisor, "a").Size.MemoryGib, Read(hypervisor, "b").Size.MemoryGib));
    }

    [Fact]
    public void Failed_request_changes_nothing()
    {
        var hypervisor = new SimulatedHypervisor(Reliable with { FailureProbability = 1 });

        Assert.Equal(new VmSize(2, 4), SizeAfter(hypervisor, new VmSize(4, 8)));
        Assert.True(Read(hypervisor, "vm").Settled);
    }

    [Fact]
    public void Partial_request_stops_between_the_two_sizes()
    {
        var hypervisor = new SimulatedHypervisor(Reliable with { PartialProbability = 1 });

        var size = SizeAfter(hypervisor, new VmSize(4, 2));

        Assert.InRange(size.CpuCores, 2.5, 3.9);
        Assert.InRange(size.MemoryGib, 2.2, 3.5);
        Assert.Equal("stopped halfway", Read(hypervisor, "vm").Detail);
    }

    [Fact]
    public void Stalled_shrink_finishes_late()
    {
        var hypervisor = new SimulatedHypervisor(Reliable with { StallProbability = 1 });

        Assert.Equal(new VmSize(4, 4), SizeAfter(hypervisor, new VmSize(4, 2)));
        Assert.False(Read(hypervisor, "vm").Settled);

        hypervisor.Advance(T0 + TimeSpan.FromMinutes(22));
        Assert.Equal(new VmSize(4, 2), Read(hypervisor, "vm").Size);
    }

    [Fact]
    public void Revision_that_was_begun_already_is_not_begun_again()
    {
        var hypervisor = new SimulatedHypervisor(Reliable);
        Begin(hypervisor, Commands.Resize("vm", 2, new VmSize(3, 8), new VmSize(2, 4), T0));

        Begin(hypervisor, Commands.Resize("vm", 2, new VmSize(9, 9), new VmSize(2, 4), T0));
        hypervisor.Advance(T0 + TimeSpan.FromMinutes(5));

        Assert.Equal(new VmSize(3, 8), Read(hypervisor, "vm").Size);
    }

    [Fact]
    public void Vm_moves_to_the_offer_first_and_grows_there()
    {
        var hypervisor = new SimulatedHypervisor(Reliable with { Hosts = [Host("a", 2, 4)], Vms = [Vm("vm", 2, 4)] });
        Begin(hypervisor, Commands.Resize("vm", 1, new VmSize(4, 8), new VmSize(2, 4), T0, "offer-1"));

        hypervisor.Advance(T0 + TimeSpan.FromSeconds(29));
        Assert.Equal(("a", new VmSize(2, 4)), (Read(hypervisor, "vm").HostId, Read(hypervisor, "vm").Size));

        hypervisor.Advance(T0 + TimeSpan.FromMinutes(5));
        Assert.Equal(("offer-1", new VmSize(4, 8)), (Read(hypervisor, "vm").HostId, Read(hypervisor, "vm").Size));
    }

    [Fact]
    public void Outcome_of_a_request_does_not_depend_on_what_was_asked_before()
    {
        var options = new SimulatedOptions { PartialProbability = 0.5 };
        var busy = new SimulatedHypervisor(options);
        Begin(busy, Commands.Resize("other", 1, new VmSize(5, 5), new VmSize(1, 1), T0));

        Assert.Equal(SizeAfter(new SimulatedHypervisor(options), new VmSize(4, 8)), SizeAfter(busy, new VmSize(4, 8)));
    }

    [Fact]
    public void Saved_loaded_and_saved_again_gives_the_same_bytes_and_the_same_future()
    {
        var options = Reliable with { Hosts = [Host("a", 8, 32)], Vms = [Vm("vm", 2, 4), Vm("other", 1, 1)], StallProbability = 1 };
        var lived = new SimulatedHypervisor(options);
        Begin(lived, Commands.Resize("vm", 3, new VmSize(4, 2), new VmSize(2, 4), T0, "offer-1"));
        lived.Advance(T0 + TimeSpan.FromSeconds(40));

        var restored = new SimulatedHypervisor(options);
        restored.Load(Save(lived));

        Assert.Equal(Save(lived), Save(restored));
        lived.Advance(T0 + TimeSpan.FromHours(1));
        restored.Advance(T0 + TimeSpan.FromHours(1));
        Assert.Equal(Read(lived, "vm"), Read(restored, "vm"));
        Assert.Equal(Save(lived), Save(restored));
    }

    [Fact]
    public void Every_wrong_option_is_named()
    {
        var wrong = Reliable with { FailureProbability = 2, PartialProbability = double.NaN, CpuDelay = DelayRange.Seconds(5, 1), Granularity = default };

        Assert.Equal(4, wrong.Violations().Count());
        Assert.Throws<ArgumentException>(() => new SimulatedHypervisor(wrong));
    }

    private static VmSize SizeAfter(SimulatedHypervisor hypervisor, VmSize target)
    {
        Begin(hypervisor, Commands.Resize("vm", 1, target, new VmSize(2, 4), T0));
        hypervisor.Advance(T0 + TimeSpan.FromMinutes(5));
        return Read(hypervisor, "vm").Size;
    }

    private static void Begin(SimulatedHypervisor hypervisor, ResizeCommand command)
    {
        Assert.True(hypervisor.TryFind(command, out _));
        Assert.True(hypervisor.Resize(command, T0).Begun);
    }

    private static VmReading Read(SimulatedHypervisor hypervisor, string vmId)
    {
        Assert.True(hypervisor.TryRead(vmId, out var reading));
        return reading;
    }

    private static byte[] Save(SimulatedHypervisor hypervisor)
    {
        var state = new ArrayBufferWriter<byte>();
        hypervisor.Save(state);
        return state.WrittenSpan.ToArray();
    }

    private static HostSpec Host(string hostId, double cores, double gib) => new(hostId, "pool", "", "", new VmSize(cores, gib), Step);

    private static VmSpec Vm(string vmId, double cores, double gib) =>
        new(vmId, "pool", new VmSize(cores, gib), new VmSize(0, 0), new VmSize(cores, gib), Priority.Normal);
}
