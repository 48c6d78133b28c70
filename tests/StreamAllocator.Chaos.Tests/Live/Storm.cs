using System.Diagnostics;
using StreamAllocator.Domain;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>What happens to the processes and to their broker, one thing after another, at random moments.</summary>
internal sealed class Storm(ChaosRun run, SeededRandom random)
{
    /// <summary>The product's, which the settings leave alone.</summary>
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What was seen of a process in the moment of its end may become visible a little later.</summary>
    private static readonly TimeSpan Echo = TimeSpan.FromMilliseconds(300);

    private readonly List<(FaultKind Kind, string Lane, TimeSpan Gap)> _takeovers = [];

    /// <summary>How long a stage and partition had no tick, where the other instance took it over.</summary>
    public IReadOnlyList<(FaultKind Kind, string Lane, TimeSpan Gap)> Takeovers => _takeovers;

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
        await run.AllTick();
        var moment = TickWatch.Now;
        victim.SigKill();
        await Taken(FaultKind.LongKill, moment);
        victim.Start();
        await run.IsMember(victim);
    }

    /// <summary>It comes back when the group has given its partitions away: a zombie, with a batch under way. Sometimes the other dies meanwhile.</summary>
    private async Task Freeze(Instance victim, Instance other)
    {
        victim.SigStop();
        var killed = random.NextDouble() < 0.2;
        if (killed)
        {
            await Pause(TimeSpan.Zero, SessionTimeout);
            run.Note($"Kill of {other.Name} while {victim.Name} is frozen");
            other.SigKill();
            other.Start();
        }

        await Pause(SessionTimeout + TimeSpan.FromSeconds(1), SessionTimeout + TimeSpan.FromSeconds(4));
        victim.SigContinue();
        run.Note($"{victim.Name} goes on");
    }

    private async Task RollingRestart()
    {
        foreach (var instance in run.Instances)
        {
            await run.AllTick();
            await Task.WhenAll(run.Instances.Select(run.IsMember));
            var moment = TickWatch.Now;
            run.Note($"{instance.Name} is stopped");
            await instance.Stop();
            await Taken(FaultKind.RollingRestart, moment);
            instance.Start();
            await run.IsMember(instance);
        }
    }

    private async Task Taken(FaultKind kind, long moment)
    {
        var after = moment + (long)(Echo.TotalSeconds * Stopwatch.Frequency);
        await run.Until(() => run.Watch.AllTickedSince(after), () => $"all stages tick after {kind}; the slowest is {run.Watch.Slowest().Lane}");
        var (lane, gap) = run.Watch.LongestGap(moment, TickWatch.Now);
        _takeovers.Add((kind, lane, gap));
        run.Note(FormattableString.Invariant($"taken over; {lane} had no tick for {gap.TotalSeconds:0.0} s"));
    }

    private Task Pause(TimeSpan least, TimeSpan most) => Task.Delay(least + random.NextDouble() * (most - least));
}
