using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Pipeline.Tests.Shards;

public sealed class LineageTests
{
    private static readonly Lineage Twice = Lineage.Of(2).Raised(4, [10, 20]).Raised(8, [11, 21, 31, 41]);

    [Theory]
    [InlineData(0, "0 of 2: 0-10, 0 of 4: 10-11, 0 of 8: 11-")]
    [InlineData(3, "1 of 2: 0-20, 3 of 4: 0-41, 3 of 8: 41-")]
    [InlineData(4, "0 of 2: 0-10, 0 of 4: 10-11, 4 of 8: 0-")]
    [InlineData(7, "1 of 2: 0-20, 3 of 4: 0-41, 7 of 8: 0-")]
    public void What_a_partition_goes_on_from_is_what_each_it_came_of_held_before_it_ended(int partition, string expected) => Assert.Equal(
        expected,
        string.Join(", ", Twice.Spans(new TopicPartition("t", partition)).Select(span =>
            FormattableString.Invariant($"{span.Source.Partition} of {span.Partitions}: {span.From}-{(span.To == long.MaxValue ? "" : span.To)}"))));

    [Fact]
    public void Partitions_that_were_never_raised_are_their_own() =>
        Assert.Equal([new LineageSpan(new TopicPartition("t", 1), 2, 0, long.MaxValue)], Lineage.Of(2).Spans(new TopicPartition("t", 1)));
}
