using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Execution;
using StreamAllocator.Pipeline.Wire;
using Generated = StreamAllocator.Schemas;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Pipeline.Tests.Execution;

public sealed class ExecuteTaskTests
{
    private static readonly EventTime T0 = EventTime.FromUnixSeconds(1_700_000_100);
    private static readonly TimeSpan Cadence = TimeSpan.FromMinutes(5);
    private static readonly VmSize Small = new(2, 4);
    private static readonly VmSize Large = new(3, 8);

    private readonly ScriptedHypervisor _hypervisor = new();
    private readonly ExecuteFold _fold;

    public ExecuteTaskTests()
    {
        _hypervisor.Vms["vm"] = Reading(Small);
        _fold = new ExecuteFold(new ExecuteTask(Options, _hypervisor));
    }

    private static ExecuteOptions Options => new() { Topics = ExecuteFold.Topics, VmPartitions = 4, AllocationPartitions = 4 };

    [Fact]
    public void Command_is_applied_and_read_back_one_cadence_later()
    {
        var allocation = _fold.Round(T0, Command(1, Large));

        Assert.Equal(
            new Allocation("vm", "pool", 1, Large, Large, AllocationOutcome.Applied, "host", T0, T0 + Cadence), allocation);
        Assert.Equal(new Tick(TickSource.Execute, 0, 1, T0 + Cadence), Assert.Single(_fold.Ticks));
        Assert.Equal(T0 + Cadence, _hypervisor.Now);
    }

    [Fact]
    public void Effect_is_dated_when_it_took_place_if_the_hypervisor_knows()
    {
        _hypervisor.Effect = (command, reading) => reading with { Size = command.Target, ChangedAt = T0 + TimeSpan.FromSeconds(3) };

        var allocation = _fold.Round(T0, Command(1, Large));

        Assert.Equal(TimeSpan.FromSeconds(3), allocation.Latency);
    }

    [Fact]
    public void Every_allocation_goes_to_both_inputs_and_the_tick_is_last()
    {
        _fold.Round(T0, Command(1, Large));

        var partition = StableHash.Partition("vm", 4);
        Assert.Collection(
            _fold.Records,
            record => Assert.StartsWith($"streamallocator.allocations/{partition} ", record, StringComparison.Ordinal),
            record => Assert.StartsWith($"streamallocator.vm-inputs/{partition} ", record, StringComparison.Ordinal),
            record => Assert.StartsWith("streamallocator.pool-inputs/0 ", record, StringComparison.Ordinal));
        var inputs = Generated.VmInputs.Parser.ParseFrom(Convert.FromHexString(_fold.Records[1].Split(' ')[^1]));
        Assert.Equal(3, inputs.Allocation.Observed.CpuCores);
        var pool = Generated.PoolInputs.Parser.ParseFrom(Convert.FromHexString(_fold.Records[2].Split(' ')[^1]));
        Assert.Equal(inputs.Allocation, Assert.Single(pool.Allocations));
        Assert.Equal((T0 + Cadence).UnixMilliseconds, pool.Tick.EventTimeMs);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public void Revision_that_is_not_newer_is_refused(long revision)
    {
        _fold.Round(T0, Command(5, Large));

        var allocation = _fold.Round(T0 + Cadence, Command(revision, Small, expected: Large));

        Assert.Equal((AllocationOutcome.Refused, RefusalCause.StaleRevision), (allocation.Outcome, allocation.Refusal));
        Assert.Equal((revision, Small, Large), (allocation.Revision, allocation.Requested, allocation.Observed));
        Assert.Single(_hypervisor.Asked);
    }

    [Fact]
    public void Revision_of_an_expired_command_counts_as_seen()
    {
        Assert.Equal(AllocationOutcome.Expired, _fold.Round(T0, Command(5, Large) with { Expiry = T0 }).Outcome);

        Assert.Equal(RefusalCause.StaleRevision, _fold.Round(T0 + Cadence, Command(5, Large)).Refusal);
        Assert.Empty(_hypervisor.Asked);
    }

    [Fact]
    public void Command_is_applied_up_to_its_expiry_and_not_at_it()
    {
        Assert.Equal(AllocationOutcome.Applied, _fold.Round(T0, Command(1, Large) with { Expiry = new(T0.UnixMilliseconds + 1) }).Outcome);
        Assert.Equal(
            AllocationOutcome.Expired,
            _fold.Round(T0 + Cadence, Command(2, Small, expected: Large) with { Expiry = T0 + Cadence }).Outcome);
    }

    [Fact]
    public void Older_fence_is_refused_and_leaves_the_revision_free()
    {
        _fold.Round(T0, Command(1, Large) with { Fence = 3 });

        Assert.Equal(RefusalCause.StaleFence, _fold.Round(T0 + Cadence, Command(2, Small, Large) with { Fence = 2 }).Refusal);
        Assert.Equal(AllocationOutcome.Applied, _fold.Round(T0 + 2 * Cadence, Command(2, Small, Large) with { Fence = 3 }).Outcome);
    }

    [Fact]
    public void Command_of_a_replay_is_refused_and_touches_nothing()
    {
        var allocation = _fold.Round(T0, Command(1, Large) with { RunId = "run-7", Fence = 99 });

        Assert.Equal(RefusalCause.ForeignRun, allocation.Refusal);
        Assert.Empty(_hypervisor.Asked);
        Assert.Equal(AllocationOutcome.Applied, _fold.Round(T0 + Cadence, Command(1, Large)).Outcome);
    }

    [Fact]
    public void Another_size_than_expected_is_refused_with_the_size_that_is()
    {
        _hypervisor.Vms["vm"] = Reading(new VmSize(2.5, 4));

        var allocation = _fold.Round(T0, Command(1, Large));

        Assert.Equal((RefusalCause.UnexpectedSize, new VmSize(2.5, 4)), (allocation.Refusal, allocation.Observed));
        Assert.Empty(_hypervisor.Asked);
    }

    [Theory]
    [InlineData(0.009, true)]
    [InlineData(0.01, false)]
    public void Expected_size_may_be_off_by_less_than_a_step(double cores, bool applies)
    {
        _hypervisor.Vms["vm"] = Reading(new VmSize(2 + cores, 4));

        Assert.Equal(applies, _fold.Round(T0, Command(1, Large)).Outcome == AllocationOutcome.Applied);
    }

    [Fact]
    public void Vm_that_nobody_knows_is_refused()
    {
        var allocation = _fold.Round(T0, Command(1, Large) with { VmId = "other" });

        Assert.Equal((RefusalCause.UnknownVm, Small), (allocation.Refusal, allocation.Observed));
    }

    [Fact]
    public void Size_that_moved_but_not_to_the_target_is_partial()
    {
        _hypervisor.Effect = (_, reading) => reading with { Size = new VmSize(3, 6), Detail = "stopped halfway" };

        var allocation = _fold.Round(T0, Command(1, Large));

        Assert.Equal((AllocationOutcome.Partial, new VmSize(3, 6), "stopped halfway"), (allocation.Outcome, allocation.Observed, allocation.Detail));
    }

    [Fact]
    public void Size_that_did_not_move_is_a_failure()
    {
        _hypervisor.Effect = (_, reading) => reading;

        Assert.Equal((AllocationOutcome.Failed, Small), Ended(_fold.Round(T0, Command(1, Large))));
    }

    [Fact]
    public void Shrink_that_stalls_is_reported_as_it_stands_and_again_when_it_ends()
    {
        _hypervisor.Vms["vm"] = Reading(Large);
        _hypervisor.Effect = (_, reading) => reading with { Size = new VmSize(2, 8), Settled = false };
        Assert.Equal((AllocationOutcome.Partial, new VmSize(2, 8)), Ended(_fold.Round(T0, Command(1, Small, Large))));

        _fold.Tick(T0 + Cadence);
        Assert.Single(_fold.Allocations);

        _hypervisor.Vms["vm"] = Reading(Small);
        var late = _fold.Round(T0 + 2 * Cadence);
        Assert.Equal((AllocationOutcome.Applied, Small), Ended(late));
        Assert.Equal((1, T0), (late.Revision, late.RequestedAt));
        _fold.Tick(T0 + 3 * Cadence);
        Assert.Equal(2, _fold.Allocations.Count);
    }

    [Fact]
    public void Change_from_outside_is_published_without_a_revision()
    {
        _fold.Round(T0, Command(1, Large));
        _hypervisor.Vms["vm"] = Reading(new VmSize(1, 1));

        var allocation = _fold.Round(T0 + Cadence);

        Assert.Equal((0, new VmSize(1, 1)), (allocation.Revision, allocation.Observed));
        _fold.Tick(T0 + 2 * Cadence);
        Assert.Equal(2, _fold.Allocations.Count);
    }

    [Fact]
    public void Dry_run_answers_at_once_with_the_present_size()
    {
        _hypervisor.Answer = new ResizeAnswer(Begun: false, IsDryRun: true);

        Assert.Equal((AllocationOutcome.DryRun, Small), Ended(_fold.Round(T0, Command(1, Large))));
    }

    [Fact]
    public void Request_that_is_superseded_before_it_ended_is_answered_too()
    {
        _hypervisor.Effect = (_, reading) => reading with { Settled = false };

        _fold.Round(T0, Command(1, Large), Command(2, new VmSize(4, 4)));

        Assert.Equal([1, 2], _fold.Allocations.Select(allocation => allocation.Revision));
        Assert.All(_fold.Allocations, allocation => Assert.Equal(AllocationOutcome.Failed, allocation.Outcome));
    }

    [Fact]
    public void Malformed_command_goes_to_the_dead_letters_and_the_next_one_is_applied()
    {
        _fold.Send(Headers.ResizeCommand, [0xFF, 0xFF]);

        Assert.Equal(AllocationOutcome.Applied, _fold.Round(T0, Command(1, Large)).Outcome);
        var letter = Generated.DeadLetter.Parser.ParseFrom(Assert.Single(_fold.DeadLetters));
        Assert.Equal((Generated.DeadLetterCause.Malformed, "streamallocator.commands"), (letter.Cause, letter.SourceTopic));
        Assert.Equal([0xFF, 0xFF], letter.Value.ToByteArray());
    }

    [Fact]
    public void Tick_that_was_seen_already_changes_nothing()
    {
        _fold.Round(T0, Command(1, Large));
        var records = _fold.Records.Count;

        _fold.Tick(T0);

        Assert.Equal(records, _fold.Records.Count);
    }

    [Fact]
    public void Live_commands_wait_for_the_clock_and_the_clock_ticks_at_its_own_distance()
    {
        var fold = new ExecuteFold(new ExecuteTask(Options with { Live = true }, _hypervisor));
        _hypervisor.Effect = (_, reading) => reading with { Settled = false };
        fold.Send(Command(1, Large));
        fold.Tick(T0);
        Assert.Empty(_hypervisor.Asked);

        fold.Clock(T0 + TimeSpan.FromSeconds(1), caughtUp: false);
        Assert.Single(_hypervisor.Asked);
        Assert.Empty(fold.Records);

        fold.Clock(T0 + TimeSpan.FromSeconds(2));
        var tick = EventTime.StartOfWindow(T0.WindowIndex(Options.TickEvery), Options.TickEvery);
        Assert.Equal(tick, Assert.Single(fold.Ticks).Time);

        _hypervisor.Vms["vm"] = Reading(Large);
        fold.Clock(T0 + TimeSpan.FromSeconds(9));
        Assert.Equal(T0 + TimeSpan.FromSeconds(9), Assert.Single(fold.Allocations).ObservedAt);
        fold.Clock(tick + Options.TickEvery);
        Assert.Equal([tick, tick + Options.TickEvery], fold.Ticks.Select(seen => seen.Time));
    }

    [Fact]
    public void Live_command_that_waited_too_long_has_expired()
    {
        var fold = new ExecuteFold(new ExecuteTask(Options with { Live = true }, _hypervisor));
        fold.Send(Command(1, Large));

        fold.Clock(T0 + TimeSpan.FromHours(2));

        Assert.Equal(AllocationOutcome.Expired, Assert.Single(fold.Allocations).Outcome);
    }

    [Fact]
    public void Every_wrong_option_is_named()
    {
        var wrong = Options with { Partition = 3, VmPartitions = 0, Cadence = TimeSpan.Zero, TickEvery = TimeSpan.Zero, Live = true, RunId = "run" };

        Assert.Equal(5, wrong.Violations().Count());
        Assert.Throws<ArgumentException>(() => new ExecuteTask(wrong, _hypervisor));
    }

    private static (AllocationOutcome Outcome, VmSize Observed) Ended(Allocation allocation) => (allocation.Outcome, allocation.Observed);

    private static VmReading Reading(VmSize size) => new(size, new VmSize(0.01, 0.25), "host", Settled: true, EventTime.Unknown);

    private static ResizeCommand Command(long revision, VmSize target, VmSize? expected = null) =>
        new("vm", "pool", revision, target, expected ?? Small, 1, T0, T0 + TimeSpan.FromHours(1), "", ["test"]);
}
