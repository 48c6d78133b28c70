using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Tasks;

/// <summary>A source of ticks that may be slowed down: it then writes the same, later.</summary>
public interface IPacedTask : IClockedTask
{
    /// <summary>Folds records of the batch, in order, until one carries its tick past the limit; that one is folded whole.</summary>
    /// <returns>How many were folded; the next step must begin with the one after them.</returns>
    int StepUpTo(EventTime limit, RecordBatch batch, OutputBatch outputs);
}
