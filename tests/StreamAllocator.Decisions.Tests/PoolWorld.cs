using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

/// <summary>A planner with a pool around it: five-minute rounds, forecasts by a few figures, an executor that applies what it is told.</summary>
internal sealed class PoolWorld
{
    public const string PoolId = "pool-a";
    public static readonly EventTime Start = EventTime.FromUnixSeconds(1_700_000_100);
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public PoolWorld(double cores = 1000, double gib = 1000, Func<DecisionOptions, DecisionOptions>? options = null)
    {
        Planner = new PoolPlanner(PoolId, (options ?? (unchanged => unchanged))(new DecisionOptions()));
        if (cores > 0)
            Planner.Apply(Host("host-1", cores, gib));
    }

    public PoolPlanner Planner { get; set; }

    public EventTime Now { get; set; } = Start;

    public static HostSpec Host(string id, double cores, double gib = 1000, bool spot = false, double coreStep = 0.01) =>
        new(id, PoolId, "", "", new VmSize(cores, gib), new VmSize(coreStep, 0.0625), spot);

    public static Offer OfferOf(
        string id, double corePrice, double cores = 64, bool spot = false, double interruptions = 0, double moveCost = 0, string currency = "USD") =>
        new(id, PoolId, "cloud", "north", spot, corePrice, 0, currency, new VmSize(cores, 256), interruptions, moveCost);

    public PoolWorld Vm(string id, Priority priority = Priority.Normal, double cores = 4, double lower = 0.25, double upper = 64)
    {
        Planner.Apply(new VmSpec(id, PoolId, new VmSize(cores, 8), new VmSize(lower, 1), new VmSize(upper, 64), priority));
        return this;
    }

    /// <summary>CPU as given; memory as the default size wants it: nothing to change.</summary>
    /// <param name="tail">The 0.999 quantile of the next hour's maximum; the median is <paramref name="mean"/>.</param>
    /// <param name="quarterHourTail">The same of the next 15 minutes; like the hour where it is not given.</param>
    public PoolWorld Forecast(
        string id,
        double usage = 1,
        double mean = 1,
        double stddev = 0.1,
        double? tail = null,
        double? usageMax = null,
        OutlookFlags flags = OutlookFlags.None,
        int age = 0,
        double memoryTail = 8,
        double? quarterHourTail = null)
    {
        var levels = new[]
        {
            (float)usage, (float)(usageMax ?? usage), (float)mean, (float)stddev,
            6f, 6f, 6f, 0.1f,
        };
        var cpu = Quantiles(mean, tail ?? mean + 1);
        var memory = Quantiles(6, memoryTail);
        var soon = quarterHourTail is { } least ? Quantiles(Math.Min(mean, least), least) : cpu;
        var dwell = (float[])[.. cpu, .. memory, .. soon, .. memory];
        Assert.True(Planner.Apply(new DemandOutlook(id, Now, age, flags, levels, dwell, "test-1")));
        return this;
    }

    /// <summary>Straight from 0.8 × median at 0.1 to the median, then to 0.5, 0.7, 0.8, 0.9 and all of the way to the tail.</summary>
    public static float[] Quantiles(double median, double tail)
    {
        var quantiles = new float[QuantileLevels.Count];
        for (var index = 0; index <= QuantileLevels.Median; index++)
            quantiles[index] = (float)(median * (0.8 + 0.05 * index));
        var shares = new[] { 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.9, 1 };
        for (var index = 0; index < shares.Length; index++)
            quantiles[QuantileLevels.Median + 1 + index] = (float)(median + shares[index] * (tail - median));
        return quantiles;
    }

    public PoolWorld Pass(int windows = 1)
    {
        for (var window = 0; window < windows; window++)
            Now += Window;
        return this;
    }

    /// <summary>The decision of the last of the <see cref="Low"/> rounds.</summary>
    public Decision? Last { get; private set; }

    /// <summary>Rounds in which the VM needs little; the time stays at the last.</summary>
    public PoolWorld Low(string id, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            if (round > 0)
                Pass();
            Last = Forecast(id).RoundOf(id);
        }

        return this;
    }

    public List<Decision> Round(long fence = 7)
    {
        var decisions = new List<Decision>();
        Planner.Decide(Now, fence, decision => decisions.Add(Copy(decision)));
        return decisions;
    }

    /// <summary>What comes of saturation seen so long after the last round.</summary>
    public List<Decision> Reactions(TimeSpan after, params string[] saturated)
    {
        foreach (var id in saturated)
            Planner.ApplyEvidence(id, OutlookFlags.CpuSaturated, Now + after);
        var decisions = new List<Decision>();
        Planner.React(Now + after, 7, decision => decisions.Add(Copy(decision)));
        return decisions;
    }

    public List<Decision> Answers()
    {
        var decisions = new List<Decision>();
        Planner.Answer(Now, 7, decision => decisions.Add(Copy(decision)));
        return decisions;
    }

    public Decision RoundOf(string id) => Round().Single(decision => decision.VmId == id);

    /// <summary>The executor does what the command says, a minute later.</summary>
    public PoolWorld Applied(Decision decision, string hostId = "host-1") =>
        Executed(decision.Command!, decision.Command!.Target, AllocationOutcome.Applied, hostId);

    public PoolWorld Executed(ResizeCommand command, VmSize observed, AllocationOutcome outcome, string hostId = "host-1")
    {
        Assert.True(Planner.Apply(new Allocation(
            command.VmId, PoolId, command.Revision, command.Target, observed, outcome, hostId, command.Issued, Now + TimeSpan.FromMinutes(1))));
        return this;
    }

    /// <summary>The executor reports a size that nobody asked for.</summary>
    public PoolWorld Seen(string id, double cores, double gib = 8)
    {
        var size = new VmSize(cores, gib);
        Assert.True(Planner.Apply(new Allocation(id, PoolId, 0, size, size, AllocationOutcome.Applied, "host-1", Now, Now)));
        return this;
    }

    private static Decision Copy(Decision decision)
    {
        var copy = new Decision();
        copy.CopyFrom(decision);
        return copy;
    }
}
