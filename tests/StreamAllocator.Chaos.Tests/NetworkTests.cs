using StreamAllocator.Chaos.Tests.Live;
using StreamAllocator.Chaos.Tests.Network;
using StreamAllocator.Domain;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Chaos.Tests;

/// <summary>Two processes on Kafka, whatever happens to their connections: every window of every VM once, no command twice, none missing, in order, and no transaction left open.</summary>
[Collection(ChaosTests.Collection)]
public sealed class NetworkTests(ITestOutputHelper output)
{
    /// <summary>In the ordinary run each fault comes once, which takes half a minute.</summary>
    private static readonly TimeSpan Least = Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1" ? TimeSpan.FromMinutes(2) : TimeSpan.Zero;

    /// <summary>So short that outages outlast it.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    [SharedFact(SharedBroker.Script)]
    public async Task Cut_delayed_and_half_closed_at_random_nothing_is_lost_doubled_or_reordered_and_no_transaction_hangs()
    {
        var seed = (ulong)Environment.TickCount64;
        using var proxy = new BrokerProxy();
        using var run = new ChaosRun(proxy, CallTimeout);
        output.WriteLine($"seed {seed}; {run.Journal}");
        await run.AllTick();
        var storm = new NetworkStorm(run, proxy, new SeededRandom(seed));
        await storm.Break(Least);
        var outcome = await run.End();
        var open = OpenTransactions.Of(run.Broker);
        output.WriteLine($"{proxy.Accepted} connections, {storm.Tally.Values.Sum()} faults; {OpenTransactions.Count(run.Broker)} transactional ids, {open.Count} with an open transaction");
        foreach (var (fault, times) in storm.Tally)
            output.WriteLine($"{times,4} {fault}");
        outcome.Print(run, output);

        Assert.DoesNotContain(storm.Tally, fault => fault.Value == 0);
        Assert.Empty(outcome.Findings);
        Assert.Empty(outcome.HeldUp);
        Assert.Empty(open);
        Assert.All(run.Instances, instance => Assert.Equal(0, instance.UnaskedEnds));
    }
}
