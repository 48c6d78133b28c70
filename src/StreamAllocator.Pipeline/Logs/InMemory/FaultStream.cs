using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs.Local;

namespace StreamAllocator.Pipeline.Logs.InMemory;

/// <summary>Draws the faults of an <see cref="InMemoryLog"/>; used under its lock.</summary>
internal sealed class FaultStream(InMemoryFaults faults)
{
    private readonly Dictionary<string, SeededRandom> _streams = new(StringComparer.Ordinal);

    public PollPlan Poll(string consumer, int maxRecords)
    {
        var stream = "poll " + consumer;
        if (Draws(stream, faults.HandOver))
            return new PollPlan(maxRecords, false, true);
        if (Draws(stream, faults.Delay))
            return new PollPlan(maxRecords, true, false);
        return Draws(stream, faults.SmallBatch) ? new PollPlan(1 + Next(stream, maxRecords), false, false) : new PollPlan(maxRecords, false, false);
    }

    public bool EvictsAtCommit(string transactionalId) => Draws("evict " + transactionalId, faults.EvictionAtCommit);

    /// <exception cref="InjectedCrashException">It is to die here.</exception>
    /// <exception cref="LogOutcomeUnknownException">The answer is to be lost.</exception>
    public void ReachStep(CommitStep step, string transactionalId)
    {
        var stream = "commit " + transactionalId;
        switch (step)
        {
            case CommitStep.Begun when Draws(stream, faults.CrashBeforeCommit):
                throw new InjectedCrashException($"{transactionalId}: crash before a commit");
            case CommitStep.Begun when Draws(stream, faults.LostCommit):
                throw Unknown(transactionalId);
            case CommitStep.OutputsWritten when Draws(stream, faults.CrashWithinCommit):
                throw new InjectedCrashException($"{transactionalId}: crash between the outputs and the offsets of a commit");
            case CommitStep.Applied when Draws(stream, faults.CrashAfterCommit):
                throw new InjectedCrashException($"{transactionalId}: crash after a commit");
            case CommitStep.Applied when Draws(stream, faults.LostAnswer):
                throw Unknown(transactionalId);
        }
    }

    private static LogOutcomeUnknownException Unknown(string transactionalId) =>
        new($"{transactionalId}: the answer to a commit was lost; read the committed offsets back");

    private bool Draws(string stream, double probability)
    {
        if (probability <= 0)
            return false;
        var random = _streams.GetValueOrDefault(stream, SeededRandom.For(faults.Seed, stream));
        var drawn = random.NextDouble() < probability;
        _streams[stream] = random;
        return drawn;
    }

    private int Next(string stream, int bound)
    {
        var random = _streams[stream];
        var drawn = random.NextInt32(bound);
        _streams[stream] = random;
        return drawn;
    }
}
