using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;
using Generated = StreamAllocator.Schemas;

namespace StreamAllocator.Pipeline.Tests.Wire;

public sealed class AllocationCodecTests
{
    private static readonly Allocation Refused = new(
        "vm-1", "pool-1", 7, new VmSize(2.5, 8), new VmSize(2, 8), AllocationOutcome.Refused, "host-1", new EventTime(1_000),
        new EventTime(61_000), RefusalCause.UnexpectedSize, "expected 3 cores");

    [Fact]
    public void Bytes_are_those_of_the_generated_class()
    {
        var writer = new ProtoWriter();
        AllocationCodec.WriteFields(writer, Refused);

        Assert.Equal(Generate(Refused).ToByteArray(), writer.Written.ToArray());
    }

    [Fact]
    public void What_was_written_is_read_back() =>
        Assert.Equal(Refused, AllocationCodec.Read(new ProtoReader(Generate(Refused).ToByteArray())));

    [Fact]
    public void A_part_of_pool_inputs_is_the_same_message()
    {
        var writer = new ProtoWriter();
        AllocationCodec.Write(writer, 9, Refused);
        new Tick(TickSource.Execute, 1, 2, new EventTime(300_000)).Write(writer, 15);

        var message = Generated.PoolInputs.Parser.ParseFrom(writer.Written);
        Assert.Equal(Generate(Refused), Assert.Single(message.Allocations));
        Assert.Equal(300_000, message.Tick.EventTimeMs);
    }

    [Fact]
    public void A_refusal_without_a_cause_is_malformed()
    {
        var message = Generate(Refused with { Refusal = RefusalCause.None });

        Assert.Throws<WireFormatException>(() => AllocationCodec.Read(new ProtoReader(message.ToByteArray())));
    }

    [Fact]
    public void Times_that_no_calendar_has_are_refused_like_any_others()
    {
        var message = Generate(Refused);
        (message.RequestedMs, message.ObservedMs) = (long.MaxValue, long.MinValue + 1);

        Assert.Throws<WireFormatException>(() => AllocationCodec.Read(new ProtoReader(message.ToByteArray())));
    }

    [Fact]
    public void Every_outcome_and_cause_has_the_number_of_the_schema()
    {
        foreach (var outcome in Enum.GetValues<AllocationOutcome>())
            Assert.Equal(outcome.ToString(), ((Generated.AllocationOutcome)outcome).ToString());
        foreach (var cause in Enum.GetValues<RefusalCause>().Where(cause => cause != RefusalCause.None))
            Assert.Equal(cause.ToString(), ((Generated.RefusalCause)cause).ToString());
    }

    private static Generated.Allocation Generate(Allocation allocation) => new()
    {
        VmId = allocation.VmId,
        PoolId = allocation.PoolId,
        Revision = (ulong)allocation.Revision,
        Requested = new Generated.Size { CpuCores = allocation.Requested.CpuCores, MemoryGib = allocation.Requested.MemoryGib },
        Observed = new Generated.Size { CpuCores = allocation.Observed.CpuCores, MemoryGib = allocation.Observed.MemoryGib },
        Outcome = (Generated.AllocationOutcome)allocation.Outcome,
        HostId = allocation.HostId,
        RequestedMs = allocation.RequestedAt.UnixMilliseconds,
        ObservedMs = allocation.ObservedAt.UnixMilliseconds,
        Detail = allocation.Detail,
        Refusal = (Generated.RefusalCause)allocation.Refusal,
    };
}
