using System.Diagnostics;
using StreamAllocator.Domain;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>What happens to the processes and to their broker, one thing after another, at random moments.</summary>
internal sealed class Storm(ChaosRun run, SeededRandom random)
{
    /// <summary>What was seen of a process in the moment of its end may become visible a little later.</summary>
    private static readonly TimeSpan Echo = TimeSpan.FromMilliseconds(300);

    private readonly List<(FaultKind Kind, TimeSpan Took)> _takeovers = [];

    /// <summary>
    /// From a kill or a stop until the other instance's first visible tick of the last of the partitions that the victim had; of a frozen one, from
    /// its waking until every partition had an owner, and it was a member of every group.
    /// </summary>
    public IReadOnlyList<(FaultKind Kind, TimeSpan Took)> Takeovers => _takeovers;

    /// <summary>In an order of its own.</summary>
    public async Task Break(IEnumerable<FaultKind> faults)
    {
        foreach (var fault in faults.OrderBy(_ => random.NextDouble()))
        {
            await Pause(TimeSpan.Zero, TimeSpan.FromSeconds(4));
            var victim = run.Instances[random.NextDouble() < 0.5 ? 0 : 1];
            var other = run.Instances.Single(instance => instance != victim);
            run.Note($"{fault}{(fault is FaultKind.Kill or FaultKind.LongKill or FaultKind.Freeze ? $" of {victim.Name}" : "")}");
            await (fault switch
            {
                FaultKind.Kill => Kill(victim),
                FaultKind.LongKill => LongKill(victim),
                FaultKind.Freeze => Freeze(victim, other),
                FaultKind.RollingRestart => RollingRestart(),
                FaultKind.BrokerKill => Task.Run(run.Broker.KillAndRestart),
                _ => throw new UnreachableException(),
            });
        }
    }

    private async Task Kill(Instance victim)
    {
        victim.SigKill();
        await Pause(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        victim.Start();
    }

    /// <summary>It stays away until the other has taken over.</summary>
    private async Task LongKill(Instance victim)
    {
        await AtRest();
        var held = run.LanesOf(victim);
        var moment = TickWatch.Now;
        victim.SigKill();
        await Taken(FaultKind.LongKill, held, moment);
        victim.Start();
        await run.IsMember(victim);
    }

    /// <summary>It comes back when the group has given its partitions away: a zombie, with a batch under way. Sometimes the other dies meanwhile.</summary>
    private async Task Freeze(Instance victim, Instance other)
    {
        victim.SigStop();
        var sessionTimeout = run.Kafka.SessionTimeout;
        var killed = random.NextDouble() < 0.2;
        if (killed)
        {
            await Pause(TimeSpan.Zero, sessionTimeout);
            run.Note($"Kill of {other.Name} while {victim.Name} is frozen");
            other.SigKill();
            other.Start();
        }

        await Pause(sessionTimeout + TimeSpan.FromSeconds(1), sessionTimeout + TimeSpan.FromSeconds(4));
        var woken = TickWatch.Now;
        victim.SigContinue();
        run.Note($"{victim.Name} goes on");
        await run.IsMember(victim);
        await run.IsWhole();
        Took(FaultKind.Freeze, Stopwatch.GetElapsedTime(woken));
    }

    private async Task RollingRestart()
    {
        foreach (var instance in run.Instances)
        {
            await AtRest();
            var held = run.LanesOf(instance);
            var moment = TickWatch.Now;
            run.Note($"{instance.Name} is stopped");
            await instance.Stop();
            run.Note($"{instance.Name} has ended");
            await Taken(FaultKind.RollingRestart, held, moment);
            instance.Start();
            await run.IsMember(instance);
        }
    }

    private async Task AtRest()
    {
        await run.AllTick();
        await Task.WhenAll(run.Instances.Select(run.IsMember));
        await run.IsWhole();
    }

    /// <summary>The victim has gone: what ticks from now on is the other.</summary>
    private async Task Taken(FaultKind kind, IReadOnlyCollection<Lane> held, long moment)
    {
        var gone = TickWatch.Now + (long)(Echo.TotalSeconds * Stopwatch.Frequency);
        await run.Until(() => run.Watch.AllTickedSince(gone), () => $"all stages tick after {kind}; the slowest is {run.Watch.Slowest().Lane}");
        var (lane, took) = held.Select(lane => (lane, run.Watch.EndOfLongestGap(lane, moment, TickWatch.Now) - moment)).MaxBy(taken => taken.Item2);
        run.Note($"the last of {held.Count} to be taken over was {lane}");
        Took(kind, Stopwatch.GetElapsedTime(0, took));
    }

    private void Took(FaultKind kind, TimeSpan time)
    {
        _takeovers.Add((kind, time));
        run.Note(FormattableString.Invariant($"whole {time.TotalSeconds:0.0} s after {kind}"));
    }

    private Task Pause(TimeSpan least, TimeSpan most) => Task.Delay(least + random.NextDouble() * (most - least));
}
