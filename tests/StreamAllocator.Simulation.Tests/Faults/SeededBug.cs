using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>A mistake that systems of this kind have made, put in at a seam. The checker, or the digest, must find it.</summary>
internal sealed record SeededBug(string Name)
{
    /// <summary>Rounds of the rig at which the process dies: many bugs show only then.</summary>
    public static readonly int[] CrashRounds = [60, 140, 260, 333];

    public Func<IEventLog, IEventLog>? Log { get; init; }

    public Func<Role, Role>? Role { get; init; }

    public int SnapshotEvery { get; init; } = 40;

    public override string ToString() => Name;
}
