namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>The process dies here; the rig starts another on the same log.</summary>
internal sealed class Crash() : Exception("the process died here");
