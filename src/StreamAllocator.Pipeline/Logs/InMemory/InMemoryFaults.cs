namespace StreamAllocator.Pipeline.Logs.InMemory;

/// <summary>
/// Faults drawn from a seed, each a probability in [0, 1]. Consumers (by group and member name) and producers (by transactional id) draw from
/// streams of their own, so that the same calls meet the same faults however threads interleave.
/// </summary>
public sealed record InMemoryFaults
{
    public ulong Seed { get; init; }

    /// <summary>Per commit: dies before anything was done (<see cref="InjectedCrashException"/>); nothing is committed.</summary>
    public double CrashBeforeCommit { get; init; }

    /// <summary>Per commit: dies between outputs and offsets; nothing is committed.</summary>
    public double CrashWithinCommit { get; init; }

    /// <summary>Per commit: committed, and dies before the caller hears of it.</summary>
    public double CrashAfterCommit { get; init; }

    /// <summary>Per commit: committed, but the answer is lost (<see cref="LogOutcomeUnknownException"/>).</summary>
    public double LostAnswer { get; init; }

    /// <summary>Per commit: not committed, and the answer is lost likewise.</summary>
    public double LostCommit { get; init; }

    /// <summary>Per commit with offsets: the member was evicted meanwhile (<see cref="LogFencedException"/>).</summary>
    public double EvictionAtCommit { get; init; }

    /// <summary>Per poll: the member loses its partitions, and gets what is free at its next poll.</summary>
    public double HandOver { get; init; }

    /// <summary>Per poll: nothing comes although there are records.</summary>
    public double Delay { get; init; }

    /// <summary>Per poll: at most a random part of the records asked for.</summary>
    public double SmallBatch { get; init; }

    public IEnumerable<string> Validate()
    {
        (string Name, double Value)[] all =
        [
            (nameof(CrashBeforeCommit), CrashBeforeCommit), (nameof(CrashWithinCommit), CrashWithinCommit),
            (nameof(CrashAfterCommit), CrashAfterCommit), (nameof(LostAnswer), LostAnswer), (nameof(LostCommit), LostCommit),
            (nameof(EvictionAtCommit), EvictionAtCommit), (nameof(HandOver), HandOver), (nameof(Delay), Delay),
            (nameof(SmallBatch), SmallBatch),
        ];
        foreach (var (name, value) in all)
        {
            if (value is not (>= 0 and <= 1))
                yield return $"{name} is a probability in [0, 1], not {value}";
        }
    }
}

/// <summary>The process "died" here: whoever meets it drops everything it has in memory and starts anew. No <see cref="LogException"/>,
/// so that nothing that handles those survives it.</summary>
public sealed class InjectedCrashException(string message) : Exception(message);
