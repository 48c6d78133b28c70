namespace StreamAllocator.Pipeline.Shards;

/// <summary>State of a task right after a commit: it only shortens the replay.</summary>
/// <param name="Next">Offset at which the task goes on in its partition.</param>
/// <param name="Fingerprint">Of the code and topology that made it; another one is never guessed at.</param>
public sealed record Snapshot(long Next, string Fingerprint, byte[] State);
