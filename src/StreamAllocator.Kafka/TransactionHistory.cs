using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>Transactions of one id, one after the other, and what is left of one whose end may not have come everywhere.</summary>
internal sealed class TransactionHistory
{
    /// <summary>More than it takes to mark the end of a transaction that was decided, and less than a broker takes to start again.</summary>
    private static readonly TimeSpan Undisturbed = TimeSpan.FromSeconds(1);

    private readonly HashSet<TopicPartition> _left = [];
    private (bool IsCommit, EventTime Time, List<TopicPartition> Partitions)? _decided;
    private bool _isCommit;

    public bool HasEnds { get; private set; }

    /// <summary>One whose end was only just decided may yet come everywhere.</summary>
    public UnmarkedEnd? Unmarked => _decided is null && _left.Count > 0 ? new UnmarkedEnd(_isCommit, [.. _left.Order()]) : null;

    public void Add(TransactionStatus status, EventTime time, List<TopicPartition> partitions)
    {
        switch (status)
        {
            case TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort:
                _decided = (status == TransactionStatus.PrepareCommit, time, partitions);
                break;
            case TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort when _decided is { } decided:
                HasEnds = true;
                _decided = null;
                if (time - decided.Time > Undisturbed)
                    Unmark(decided.IsCommit, decided.Partitions);
                else
                    Mark(decided.IsCommit, decided.Partitions);
                break;
        }
    }

    private void Unmark(bool isCommit, List<TopicPartition> partitions)
    {
        _isCommit = isCommit;
        _left.UnionWith(partitions);
    }

    /// <summary>
    /// Where both were, the unmarked one has ended as this one did. If that was an abort, nobody has seen the unmarked one: it is taken back in the
    /// rest as well, and whoever goes on from the committed offsets does it again.
    /// </summary>
    private void Mark(bool isCommit, List<TopicPartition> partitions)
    {
        if (_left.Overlaps(partitions))
            _isCommit = isCommit;
        _left.ExceptWith(partitions);
    }
}
