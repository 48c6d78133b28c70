using StreamAllocator.Cli.Records;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Tests.Records;

public sealed class TopicCheckTests
{
    private static readonly TopicSpec Expected = new("t", 2, CleanUp.Delete, TimeSpan.FromDays(7));

    public static TheoryData<TopicSpec?, string> Lacking => new()
    {
        { null, "t: found nothing, expected 2 partitions" },
        { Expected with { Partitions = 1 }, "t: found 1 partitions, expected 2 partitions" },
        { Expected with { Retention = TimeSpan.FromDays(1) }, "t: found records kept for 1 days (cleanup.policy delete, retention.ms), expected 7 days or more" },
        { Expected with { CleanUp = CleanUp.Compact | CleanUp.Delete }, "t: found compaction (cleanup.policy), which loses records; expected delete" },
        { Expected with { KeepsEventTimes = false }, "t: found message.timestamp.type LogAppendTime, expected CreateTime" },
    };

    [Theory]
    [MemberData(nameof(Lacking))]
    public void What_a_topic_lacks_is_told_in_one_message(TopicSpec? found, string problem) =>
        Assert.StartsWith(problem, Assert.Single(TopicCheck.Problems(Expected, found)), StringComparison.Ordinal);

    [Fact]
    public void A_compacted_topic_must_not_lose_the_newest_record_of_a_key() => Assert.Contains(
        "expected cleanup.policy compact", Assert.Single(TopicCheck.Problems(new("t", 2, CleanUp.Compact), Expected)), StringComparison.Ordinal);

    [Fact]
    public void One_that_keeps_more_is_in_order() => Assert.Empty(
        TopicCheck.Problems(Expected, Expected with { Retention = null }).Concat(TopicCheck.Problems(new("t", 2, CleanUp.Compact), Expected with { Retention = null })));
}
