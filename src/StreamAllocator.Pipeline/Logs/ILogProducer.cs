namespace StreamAllocator.Pipeline.Logs;

/// <summary>
/// One transaction after the other: sends, then a commit or an abort. A disposed producer discards what it did not commit.
/// </summary>
public interface ILogProducer : IDisposable
{
    /// <summary>
    /// Adds records to the open transaction (copied; the batch may be reused at once). Nothing is visible before the commit. A target that
    /// does not exist is a <see cref="LogException"/>, here or at the commit.
    /// </summary>
    void Send(OutputBatch outputs);

    /// <summary>
    /// Makes the sent records visible and moves the group's offsets, both or neither. <paramref name="consumer"/> is the member on whose
    /// behalf the offsets move: it must own each of their partitions now (a broker checks its generation alone, so the implementation looks
    /// at its assignment too); null where there are none. However it ends, the next send begins a new transaction.
    /// </summary>
    /// <exception cref="LogFencedException">Another producer took the id, or the member lost a partition: nothing was committed; give up the tasks.</exception>
    /// <exception cref="LogRebalancingException">The member may keep its partitions: nothing was committed; poll, then send and commit what is still its own.</exception>
    /// <exception cref="LogException">Any other failure: nothing was committed; the same may be sent and committed again.</exception>
    /// <exception cref="LogOutcomeUnknownException">Committed or not: destroy this producer, open another, read the committed offsets back.</exception>
    void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets);

    /// <summary>Discards what was sent since the last commit.</summary>
    void Abort();
}
