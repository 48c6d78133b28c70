using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Tasks;

/// <summary>A task at an edge of the pipeline, which turns the passing of time into records when it runs live.</summary>
public interface IClockedTask : ITask
{
    /// <param name="now">The wall clock, read by the shard.</param>
    /// <param name="caughtUp">The task has folded all that its partition holds.</param>
    /// <param name="outputs">Takes the records that the time brings.</param>
    void OnClock(EventTime now, bool caughtUp, OutputBatch outputs);
}
