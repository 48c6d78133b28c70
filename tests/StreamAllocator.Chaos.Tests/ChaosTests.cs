using StreamAllocator.Chaos.Tests.Live;
using StreamAllocator.Domain;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Chaos.Tests;

/// <summary>Two processes on Kafka, whatever happens to them and to the broker: every window of every VM once, no command twice, none missing, in order.</summary>
[Collection(Collection)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    /// <summary>Of tests that run two processes and a broker: one at a time.</summary>
    public const string Collection = "two processes";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1";

    private static readonly (FaultKind Kind, int Count, int InTheStorm, int InTheLongRun)[] Faults =
    [
        (FaultKind.Kill, 1, 3, 60),
        (FaultKind.LongKill, 1, 3, 30),
        (FaultKind.Freeze, 1, 4, 90),
        (FaultKind.RollingRestart, 1, 2, 10),
        (FaultKind.BrokerKill, 1, 2, 10),
    ];

    [SharedFact(SharedBroker.Script)]
    public Task Killed_frozen_and_restarted_at_random_nothing_is_lost_doubled_or_reordered() => Break(fault => fault.Count);

    /// <summary>Ten processes killed or frozen, two rolling restarts, two kills of the broker.</summary>
    [LongSharedFact(SharedBroker.Script)]
    public Task After_fourteen_faults_nothing_is_lost_doubled_or_reordered() => Break(fault => fault.InTheStorm);

    [LongSharedFact(SharedBroker.Script)]
    public Task After_two_hundred_faults_nothing_is_lost_doubled_or_reordered() => Break(fault => fault.InTheLongRun);

    private async Task Break(Func<(FaultKind Kind, int Count, int InTheStorm, int InTheLongRun), int> count)
    {
        var seed = (ulong)Environment.TickCount64;
        using var run = new ChaosRun();
        output.WriteLine($"seed {seed}; {run.Journal}");
        await run.AllTick();
        var storm = new Storm(run, new SeededRandom(seed));
        await storm.Break(Faults.SelectMany(fault => Enumerable.Repeat(fault.Kind, count(fault))));
        var outcome = await run.End();
        output.WriteLine($"faults: {string.Join(", ", Faults.Select(fault => $"{count(fault)} {fault.Kind}"))}");
        Tally(run, storm, outcome);
        Assert.Empty(outcome.Findings);
        Assert.Empty(outcome.HeldUp);
        Assert.All(run.Instances, instance => Assert.Equal(0, instance.UnaskedEnds));

        // The ordinary run has other tests beside it.
        var (afterKill, afterStop) = IsLong ? (15, 3) : (25, 10);
        Assert.All(storm.Takeovers, takeover => Assert.InRange(takeover.Took.TotalSeconds, 0, takeover.Kind == FaultKind.RollingRestart ? afterStop : afterKill));
    }

    private void Tally(ChaosRun run, Storm storm, Outcome outcome)
    {
        foreach (var kind in storm.Takeovers.GroupBy(takeover => takeover.Kind))
            output.WriteLine($"{(kind.Key == FaultKind.Freeze ? "whole again" : "takeover")} after {kind.Key}: {string.Join(", ", kind.Select(takeover => FormattableString.Invariant($"{takeover.Took.TotalSeconds:0.0} s")))}");
        outcome.Print(run, output);
    }
}
