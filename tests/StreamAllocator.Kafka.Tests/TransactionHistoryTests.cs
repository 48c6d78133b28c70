using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using static StreamAllocator.Kafka.TransactionStatus;

namespace StreamAllocator.Kafka.Tests;

/// <summary>Each case is a list of what the coordinator wrote, as status, second and partitions.</summary>
public sealed class TransactionHistoryTests
{
    private readonly TransactionHistory _history = new();

    [Fact]
    public void An_end_that_is_marked_at_once_leaves_nothing()
    {
        Write((Ongoing, 0.0, "ab"), (PrepareCommit, 0.1, "ab"), (CompleteCommit, 0.11, ""));
        Assert.True(_history.HasEnds);
        Assert.Null(_history.Unmarked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_took_as_long_as_a_start_of_the_broker_may_be_unmarked_everywhere(bool isCommit)
    {
        Write((Ongoing, 0.0, "ab"), Decided(isCommit, 0.1, "ab"), Complete(isCommit, 5.0), (Empty, 6.0, ""));
        AssertLeft(isCommit, "ab");
    }

    [Fact]
    public void What_ends_on_top_of_it_is_its_end_there()
    {
        Write((PrepareCommit, 0.1, "abc"), (CompleteCommit, 5.0, ""), (Ongoing, 6.0, "a"), (PrepareCommit, 6.1, "a"), (CompleteCommit, 6.11, ""));
        AssertLeft(true, "bc");
    }

    [Fact]
    public void A_commit_on_which_an_abort_came_is_taken_back_in_the_rest_too()
    {
        Write((PrepareCommit, 0.1, "ab"), (CompleteCommit, 5.0, ""), (Ongoing, 6.0, "ad"), (PrepareAbort, 6.1, "ad"), (CompleteAbort, 6.11, ""));
        AssertLeft(false, "b");
    }

    [Fact]
    public void An_end_elsewhere_changes_nothing()
    {
        Write((PrepareCommit, 0.1, "ab"), (CompleteCommit, 5.0, ""), (PrepareAbort, 6.1, "c"), (CompleteAbort, 6.11, ""));
        AssertLeft(true, "ab");
    }

    [Fact]
    public void Ended_again_everywhere_it_is_settled()
    {
        Write((PrepareCommit, 0.1, "ab"), (CompleteCommit, 5.0, ""), (PrepareCommit, 6.1, "abc"), (CompleteCommit, 6.11, ""));
        Assert.Null(_history.Unmarked);
    }

    [Fact]
    public void What_was_just_decided_may_yet_be_marked()
    {
        Write((PrepareCommit, 0.1, "ab"), (CompleteCommit, 5.0, ""), (PrepareCommit, 6.1, "ab"));
        Assert.Null(_history.Unmarked);
    }

    private static (TransactionStatus, double, string) Decided(bool isCommit, double second, string partitions) =>
        (isCommit ? PrepareCommit : PrepareAbort, second, partitions);

    private static (TransactionStatus, double, string) Complete(bool isCommit, double second) => (isCommit ? CompleteCommit : CompleteAbort, second, "");

    private void Write(params ReadOnlySpan<(TransactionStatus Status, double Second, string Partitions)> states)
    {
        foreach (var (status, second, partitions) in states)
            _history.Add(status, new EventTime((long)(1000 * second)), [.. partitions.Select(letter => new TopicPartition($"{letter}", 0))]);
    }

    private void AssertLeft(bool isCommit, string partitions)
    {
        Assert.NotNull(_history.Unmarked);
        Assert.Equal(isCommit, _history.Unmarked.IsCommit);
        Assert.Equal(partitions, string.Concat(_history.Unmarked.Partitions.Select(partition => partition.Topic)));
    }
}
