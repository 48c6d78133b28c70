using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;
using Generated = StreamAllocator.Schemas;

namespace StreamAllocator.Pipeline.Tests.Wire;

public sealed class RetrainingRequestCodecTests
{
    private static readonly RetrainingRequest Degraded =
        new("web", RetrainingReason.Degradation, new EventTime(300_000), 1.75, 1.5, "loss of the last day");

    [Fact]
    public void Bytes_are_those_of_the_generated_class()
    {
        foreach (var request in new[] { Degraded, RetrainingRequest.Rollback("smoothing.web", new EventTime(5), "asked for") })
        {
            var writer = new ProtoWriter();
            RetrainingRequestCodec.WriteFields(writer, request);
            Assert.Equal(Generate(request).ToByteArray(), writer.Written.ToArray());
            Assert.Equal(request, RetrainingRequestCodec.Read(new ProtoReader(writer.Written)));
        }
    }

    [Fact]
    public void Every_reason_has_the_number_of_the_schema()
    {
        foreach (var reason in Enum.GetValues<RetrainingReason>())
            Assert.Equal(reason.ToString(), ((Generated.RetrainingReason)reason).ToString());
    }

    [Fact]
    public void A_request_without_a_reason_and_a_rollback_of_no_model_are_malformed()
    {
        foreach (var request in new[] { Degraded with { Reason = default }, Degraded with { Reason = RetrainingReason.Rollback } })
            Assert.Throws<WireFormatException>(() => RetrainingRequestCodec.Read(new ProtoReader(Generate(request).ToByteArray())));
    }

    private static Generated.RetrainingRequest Generate(RetrainingRequest request) => new()
    {
        JobClass = request.JobClass,
        Reason = (Generated.RetrainingReason)request.Reason,
        EventTimeMs = request.Time.UnixMilliseconds,
        Observed = request.Observed,
        Limit = request.Limit,
        Detail = request.Detail,
        ModelId = request.ModelId,
    };
}
