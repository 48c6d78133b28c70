using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Tasks;

/// <summary>A task at an edge of the pipeline, which turns the passing of time into records when it runs live.</summary>
public interface IClockedTask : ITask
{
    /// <param name="now">The wall clock, read by the shard.</param>
    /// <param name="caughtUpTo">
    /// Null while its partition holds records that the task has not folded. Otherwise <paramref name="now"/>, or less: as far as a paced task
    /// may tick beside the slowest of its kind, so that after an outage none runs away from the others.
    /// </param>
    /// <param name="outputs">Takes the records that the time brings.</param>
    void OnClock(EventTime now, EventTime? caughtUpTo, OutputBatch outputs);
}
