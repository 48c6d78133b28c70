using System.Diagnostics;
using StreamAllocator.Chaos.Tests.Network;
using StreamAllocator.Domain;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>What happens to the connections between clients and their broker, one thing after another, at random moments.</summary>
internal sealed class NetworkStorm
{
    private static readonly ApiKey[] OfTransactions = [ApiKey.AddPartitionsToTxn, ApiKey.Produce, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn];

    private readonly ChaosRun _run;
    private readonly BrokerProxy _proxy;
    private readonly List<(string Name, Func<Task> Happens)> _faults;
    private readonly Dictionary<string, int> _tally;
    private SeededRandom _random;

    public NetworkStorm(ChaosRun run, BrokerProxy proxy, SeededRandom random)
    {
        (_run, _proxy, _random) = (run, proxy, random);
        _faults =
        [
            ("connection reset", Reset),
            ("half-close to the broker", async () => (await Any()).HalfCloseToBroker()),
            ("half-close to the client", async () => (await Any()).HalfCloseToClient()),
            ("delay of all", Delay),
            ("stall", Stall),
            ("stall of all", StallAll),
            ("member unheard of for longer than its session", Silence),
            ("outage", () => Outage(TimeSpan.FromSeconds(3))),
            ("outage before a commit is answered", OutageInCommit),
            .. from request in OfTransactions
               from at in Enum.GetValues<CutAt>()
               select ($"{request} cut at {at}", (Func<Task>)(() => Cut(new Cut(request, at)))),
        ];
        _tally = _faults.ToDictionary(fault => fault.Name, _ => 0);
    }

    /// <summary>How often each fault has happened.</summary>
    public IReadOnlyDictionary<string, int> Tally => _tally;

    /// <summary>Each fault in an order of its own, and again until the time is over.</summary>
    public async Task Break(TimeSpan least)
    {
        var begun = Stopwatch.StartNew();
        do
        {
            foreach (var (name, happens) in _faults.OrderBy(_ => _random.NextDouble()).ToList())
            {
                await Pause(TimeSpan.Zero, TimeSpan.FromSeconds(1));
                _run.Note(name);
                await happens();
                _tally[name]++;
            }
        }
        while (begun.Elapsed < least);
    }

    private async Task Reset() => (await Any()).Reset();

    private async Task Delay()
    {
        var each = Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(200));
        foreach (var connection in _proxy.Connections)
            connection.Delay(each, TimeSpan.FromSeconds(2));
        await Pause(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    }

    /// <summary>It goes on afterwards, or it does not.</summary>
    private async Task Stall()
    {
        var connection = await Any();
        connection.Stall(TimeSpan.FromSeconds(4));
        if (_random.NextDouble() >= 0.5)
            return;
        await Pause(TimeSpan.Zero, TimeSpan.FromSeconds(2));
        connection.Reset();
    }

    private async Task StallAll()
    {
        var during = Between(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(3));
        foreach (var connection in _proxy.Connections)
            connection.Stall(during);
        await Pause(during, during);
    }

    /// <summary>Its group gives its partitions away while it works on.</summary>
    private async Task Silence() => (await Any(connection => connection.Newest == ApiKey.Heartbeat)).Stall(_run.Kafka.SessionTimeout + Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)));

    private async Task Outage(TimeSpan longest)
    {
        _proxy.BeginOutage();
        await Pause(TimeSpan.FromSeconds(0.2), longest);
        _proxy.EndOutage();
    }

    /// <summary>Nobody answers for as long as the client waits: it cannot know what became of its transaction.</summary>
    private async Task OutageInCommit()
    {
        await Cut(new Cut(ApiKey.EndTxn, CutAt.Answer), beginsOutage: true);
        await Pause(TimeSpan.FromSeconds(0.2), _run.Kafka.CallTimeout + TimeSpan.FromSeconds(2));
        _proxy.EndOutage();
    }

    private Task Cut(Cut cut, bool beginsOutage = false)
    {
        var before = _proxy.Done.GetValueOrDefault(cut);
        _proxy.Order(cut, beginsOutage);
        return _run.Until(() => _proxy.Done.GetValueOrDefault(cut) > before, () => $"{cut}");
    }

    private Task<ProxiedConnection> Any() => Any(_ => true);

    private async Task<ProxiedConnection> Any(Predicate<ProxiedConnection> which)
    {
        ProxiedConnection[] found = [];
        await _run.Until(() => (found = [.. _proxy.Connections.Where(connection => which(connection))]).Length > 0, () => "there is such a connection");
        return found[_random.NextInt32(found.Length)];
    }

    private Task Pause(TimeSpan least, TimeSpan most) => Task.Delay(Between(least, most));

    private TimeSpan Between(TimeSpan least, TimeSpan most) => least + _random.NextDouble() * (most - least);
}
