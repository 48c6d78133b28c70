using StreamAllocator.Cli.Composition;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Cli.Runs;

/// <summary>What a run takes through: who was there, and a world for each pool partition that tells what they used. Closes its log.</summary>
/// <param name="Name">In words: the same history has the same.</param>
/// <param name="Log">Null for a trace, as are its address and prefix.</param>
internal sealed record Recording(
    string Name, Fleet Fleet, Func<int, ITask> World, IEventLog? Log = null, LogAddress? Address = null, string? Prefix = null) : IDisposable
{
    public void Dispose() => Log?.Dispose();
}
