using StreamAllocator.Chaos.Tests.Checks;
using StreamAllocator.Chaos.Tests.Live;
using StreamAllocator.Domain;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Chaos.Tests;

/// <summary>Two processes on Kafka, whatever happens to them and to the broker: every window of every VM once, no command twice, none missing, in order.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1";

    private static readonly (FaultKind Kind, int Count, int InTheLongRun)[] Faults =
    [
        (FaultKind.Kill, 1, 60),
        (FaultKind.LongKill, 1, 30),
        (FaultKind.Freeze, 1, 90),
        (FaultKind.RollingRestart, 1, 10),
        (FaultKind.BrokerKill, 0, 10),
    ];

    [SharedFact(SharedBroker.Script)]
    public async Task Killed_frozen_and_restarted_at_random_nothing_is_lost_doubled_or_reordered()
    {
        var seed = (ulong)Environment.TickCount64;
        using var run = new ChaosRun();
        output.WriteLine($"seed {seed}; {run.Journal}");
        await run.AllTick();
        var storm = new Storm(run, new SeededRandom(seed));
        await storm.Break(Faults.SelectMany(fault => Enumerable.Repeat(fault.Kind, IsLong ? fault.InTheLongRun : fault.Count)));
        var outcome = await run.End();
        Tally(run, storm, outcome);
        Assert.Empty(outcome.Findings);
        Assert.Empty(outcome.HeldUp);

        // Each takeover is printed; the best of many shows what the allocator needs. The ordinary run has one or two, and other tests beside it.
        var longest = IsLong ? 15 : 45;
        Assert.InRange(Best(storm, FaultKind.LongKill).TotalSeconds, 0, longest);
        Assert.InRange(Best(storm, FaultKind.RollingRestart).TotalSeconds, 0, longest);
    }

    private static TimeSpan Best(Storm storm, FaultKind kind) => storm.Takeovers.Where(takeover => takeover.Kind == kind).Min(takeover => takeover.Gap);

    private void Tally(ChaosRun run, Storm storm, Outcome outcome)
    {
        output.WriteLine($"faults: {string.Join(", ", Faults.Select(fault => $"{(IsLong ? fault.InTheLongRun : fault.Count)} {fault.Kind}"))}");
        output.WriteLine($"ended unasked: {string.Join(", ", run.Instances.Select(instance => $"{instance.Name} {instance.UnaskedEnds} times"))}");
        foreach (var kind in storm.Takeovers.GroupBy(takeover => takeover.Kind))
            output.WriteLine($"takeover after {kind.Key}: {string.Join(", ", kind.Select(takeover => FormattableString.Invariant($"{takeover.Gap.TotalSeconds:0.0} s")))}");
        output.WriteLine($"samples {outcome.Samples}, records {outcome.Log.Records}, of aborted transactions {outcome.Aborted}");
        output.WriteLine(string.Join(", ", Enum.GetValues<Harm>().Select(harm => $"{harm} {outcome.Count(harm)}")));
        foreach (var finding in outcome.Findings.Take(20))
            output.WriteLine($"{finding}");
    }
}
