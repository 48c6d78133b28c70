using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Ingest.Requests;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Requests;

public sealed class RequestIngestTaskTests
{
    private static readonly EventTime Time = EventTime.FromUnixSeconds(1_754_000_100);

    [Fact]
    public void A_request_goes_to_every_pool_partition()
    {
        using var harness = new EdgeHarness(EdgeHarness.Topics.Requests, NewTask()).Fold("vm-a", Hold().ToByteArray(), Time);

        Assert.Equal([0, 1, 2], harness.PoolInputs.Select(input => input.Partition));
        Assert.All(harness.PoolInputs, input => Assert.Equal(new Wire.PoolInputs { Request = Hold() }, input.Value));
    }

    [Fact]
    public void A_request_that_breaks_a_rule_or_comes_from_the_future_is_refused()
    {
        var both = new Wire.ControlRequest(Hold()) { PoolId = "p" };
        var future = new Wire.ControlRequest(Hold()) { EventTimeMs = Time.UnixMilliseconds + 300_001 };
        var noKind = new Wire.ControlRequest(Hold()) { Kind = Wire.RequestKind.Unspecified };
        using var harness = new EdgeHarness(EdgeHarness.Topics.Requests, NewTask())
            .Fold("vm-a", both.ToByteArray(), Time).Fold("vm-a", future.ToByteArray(), Time).Fold("vm-a", noKind.ToByteArray(), Time);

        Assert.Equal(
            [Wire.DeadLetterCause.Invalid, Wire.DeadLetterCause.FutureDated, Wire.DeadLetterCause.Malformed],
            harness.DeadLetters.Select(letter => letter.Cause));
        Assert.Empty(harness.PoolInputs);
    }

    private static RequestIngestTask NewTask() => new(EdgeHarness.Topics, 3, new IngestOptions());

    private static Wire.ControlRequest Hold() => new()
    {
        RequestId = "r-1",
        RequestedBy = "ops",
        EventTimeMs = Time.UnixMilliseconds,
        VmId = "vm-a",
        Kind = Wire.RequestKind.Hold,
        HoldForMs = 3_600_000,
    };
}
