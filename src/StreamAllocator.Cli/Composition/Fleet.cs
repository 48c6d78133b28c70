using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// The VMs and hosts of a driven run. A trace has no owners: pools and priorities are drawn by the hash of the VM's id (10 % critical, 20 %
/// high, 50 % normal, 20 % low), and each pool gets four hosts that together hold what its VMs are provisioned with, and a quarter more.
/// </summary>
/// <param name="Start">Of the first window.</param>
internal sealed record Fleet(IReadOnlyList<VmSpec> Vms, IReadOnlyList<HostSpec> Hosts, EventTime Start)
{
    private const int HostsPerPool = 4;
    private const double StandardSlack = 1.25;

    /// <summary>A series without an allocation counts as provisioned with this.</summary>
    private static readonly VmSize Unknown = new(1, 1);

    private static readonly VmSize Granularity = new(0.01, 0.015625);

    public IReadOnlyList<Offer> Offers { get; init; } = [];

    /// <summary>End of the last window that is recorded; unknown where demand has no end.</summary>
    public EventTime End { get; init; } = EventTime.Unknown;

    /// <summary>What a world of a pool partition is told about this fleet.</summary>
    public WorldOptions World(Topics topics, AllocatorOptions options, int partition) => new()
    {
        Topics = topics,
        Partition = partition,
        PoolPartitions = options.PoolPartitions,
        Vms = Vms,
        Cadence = options.Predict.Windows.Size,
    };

    /// <summary>Reads the trace once: who is in it, and the largest allocation of each.</summary>
    public static Fleet Of(TraceOptions trace, int pools, Action<TraceProblem> onProblem)
    {
        using var reader = TraceReader.Open(trace, onProblem);
        var (cores, gib) = (new List<double>(), new List<double>());
        EventTime? start = null;
        var end = EventTime.Unknown;
        while (reader.TryReadStep())
        {
            start ??= reader.WindowStart;
            end = reader.WindowStart + trace.Step;
            foreach (ref readonly var row in reader.Rows)
            {
                while (cores.Count <= row.Vm)
                {
                    cores.Add(0);
                    gib.Add(0);
                }

                // Not Math.Max, which a NaN would spoil: an unknown allocation must not hide the known ones.
                cores[row.Vm] = row.CpuCoresAllocated > cores[row.Vm] ? row.CpuCoresAllocated : cores[row.Vm];
                gib[row.Vm] = row.MemoryGibAllocated > gib[row.Vm] ? row.MemoryGibAllocated : gib[row.Vm];
            }
        }

        if (start is not { } first)
            throw new InvalidDataException($"{trace.File}: no usable row");
        var sizes = Enumerable.Range(0, cores.Count).Select(vm =>
            (Id: reader.Vms[vm], Size: new VmSize(
                cores[vm] > 0 ? cores[vm] : Unknown.CpuCores, gib[vm] > 0 ? gib[vm] : Unknown.MemoryGib)));
        return Of(sizes, pools, first) with { End = end };
    }

    /// <param name="slack">Capacity of a pool's hosts as a multiple of what its VMs are provisioned with.</param>
    public static Fleet Of(IEnumerable<(string Id, VmSize Size)> sizes, int pools, EventTime start, double slack = StandardSlack)
    {
        var vms = sizes.Select(vm => Spec(vm.Id, vm.Size, pools)).OrderBy(vm => vm.VmId, StringComparer.Ordinal).ToList();
        var hosts = vms.GroupBy(vm => vm.PoolId).OrderBy(pool => pool.Key, StringComparer.Ordinal).SelectMany(pool => HostsOf(pool, slack)).ToList();
        return new Fleet(vms, hosts, start);
    }

    private static VmSpec Spec(string id, VmSize provisioned, int pools)
    {
        var hash = StableHash.Of(id);
        return new VmSpec(
            id,
            FormattableString.Invariant($"pool-{hash % (uint)pools}"),
            provisioned,
            Lower: VmSize.Min(new VmSize(0.1, 0.125), provisioned),
            Upper: new VmSize(provisioned.CpuCores * 2, provisioned.MemoryGib * 2),
            PriorityOf((hash >> 32) % 10));
    }

    private static Priority PriorityOf(ulong tenth) => tenth switch
    {
        0 => Priority.Critical,
        <= 2 => Priority.High,
        <= 7 => Priority.Normal,
        _ => Priority.Low,
    };

    private static IEnumerable<HostSpec> HostsOf(IGrouping<string, VmSpec> pool, double slack)
    {
        var largest = pool.Aggregate(default(VmSize), (size, vm) => VmSize.Max(size, vm.Provisioned));
        var share = slack / HostsPerPool;
        var each = VmSize.Max(largest, new VmSize(
            Math.Ceiling(pool.Sum(vm => vm.Provisioned.CpuCores) * share), Math.Ceiling(pool.Sum(vm => vm.Provisioned.MemoryGib) * share)));
        for (var host = 0; host < HostsPerPool; host++)
            yield return new HostSpec(FormattableString.Invariant($"{pool.Key}-host-{host}"), pool.Key, "", "", each, Granularity);
    }
}
