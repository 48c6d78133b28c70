using StreamAllocator.Domain;
using StreamAllocator.Server.Contract;
using StreamAllocator.Server.Views;

namespace StreamAllocator.Server.Tests.Views;

public sealed class RequestBookTests
{
    private readonly RequestBook _book = new(capacity: 2);

    [Fact]
    public void The_oldest_request_makes_room()
    {
        foreach (var id in new[] { "r-1", "r-2", "r-3" })
            _book.Add(Rollback(id));

        Assert.Null(_book.Find("r-1"));
        Assert.NotNull(_book.Find("r-2"));
        Assert.NotNull(_book.Find("r-3"));
    }

    [Fact]
    public void An_answer_seen_before_its_question_counts()
    {
        _book.Observe(Read(1));
        _book.Answer(Decide("r-1", 1), Read(1));
        Assert.Null(_book.Find("r-1"));

        _book.Add(Rollback("r-1"));

        Assert.Equal(RequestStatus.Completed, _book.Find("r-1")!.Status);
        Assert.Equal(1, _book.Find("r-1")!.Allocation!.Revision);
    }

    [Fact]
    public void A_grant_replaces_a_denial_and_nothing_replaces_a_grant()
    {
        _book.Add(Rollback("r-1"));
        _book.Answer(Decide("r-1", 0), null);
        Assert.Equal(RequestStatus.Completed, _book.Find("r-1")!.Status);

        _book.Answer(Decide("r-1", 1), null);
        _book.Answer(Decide("r-1", 2), null);

        Assert.Equal(RequestStatus.Decided, _book.Find("r-1")!.Status);
        Assert.Equal(1, _book.Find("r-1")!.Decision!.Revision);
    }

    [Fact]
    public void Only_the_revision_of_the_command_closes_it()
    {
        _book.Add(Rollback("r-1"));
        _book.Answer(Decide("r-1", 3), Read(2));
        _book.Observe(Read(2));
        Assert.Equal(RequestStatus.Decided, _book.Find("r-1")!.Status);

        _book.Observe(Read(3));

        Assert.Equal(RequestStatus.Completed, _book.Find("r-1")!.Status);
    }

    private static RollbackRequest Rollback(string id) => new(id, "test", ServedLog.Noon) { VmId = "web-1" };

    /// <summary>With a command where there is a revision.</summary>
    private static Decision Decide(string requestId, long revision) => new()
    {
        VmId = "web-1",
        PoolId = "east",
        EventTime = ServedLog.Noon,
        RequestId = requestId,
        Reason = DecisionReason.Rollback,
        Revision = revision,
        Allocated = new VmSize(4, 16),
        Target = new VmSize(revision == 0 ? 4 : 6, 16),
    };

    private static Allocation Read(long revision) => new(
        "web-1", "east", revision, new VmSize(6, 16), new VmSize(6, 16), AllocationOutcome.Applied, "", ServedLog.Noon, ServedLog.Noon);
}
