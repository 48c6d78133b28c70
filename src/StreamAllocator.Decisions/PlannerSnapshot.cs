using System.Runtime.CompilerServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// The state of a pool as bytes: pool, hosts, offers, VMs, each by id. A VM is its inventory, its texts and the bytes of its
/// <see cref="VmState"/>; nothing is derived anew on loading, so a restored pool goes on exactly alike.
/// </summary>
internal static class PlannerSnapshot
{
    /// <summary>Changes with the layout; the size of a VM's state is part of it.</summary>
    private const long Layout = 1;

    public static void Save(StateWriter to, string poolId, in PoolState pool, VmTable vms, PoolCapacity capacity, OfferBook offers)
    {
        to.Int64(Layout << 32 | (uint)Unsafe.SizeOf<VmState>());
        to.Text(poolId);
        to.Int64(pool.HeldUntilMs);
        to.Text(pool.RequestId);
        to.Double(pool.Budget.Left);
        to.Int64(pool.Budget.RefilledMs);
        to.Int64(capacity.Hosts.Count);
        foreach (var host in capacity.Hosts)
            Save(to, host);
        to.Int64(offers.Offers.Count);
        foreach (var offer in offers.Offers)
            Save(to, offer);
        to.Int64(vms.Count);
        foreach (var row in vms.ById)
        {
            Save(to, vms.Spec(row));
            Save(to, in vms.Texts(row));
            to.Value(in vms.State(row));
        }
    }

    public static void Load(ref StateReader from, string poolId, out PoolState pool, VmTable vms, PoolCapacity capacity, OfferBook offers)
    {
        var layout = from.Int64();
        if (layout != (Layout << 32 | (uint)Unsafe.SizeOf<VmState>()))
            throw new InvalidDataException($"a state of layout {layout:x}: it was written by another release");
        var savedPool = from.Text();
        if (savedPool != poolId)
            throw new InvalidDataException($"a state of pool '{savedPool}': expected '{poolId}'");
        pool = PoolState.New;
        pool.HeldUntilMs = from.Int64();
        pool.RequestId = from.Text();
        pool.Budget.Left = from.Double();
        pool.Budget.RefilledMs = from.Int64();
        for (var host = from.Count(); host > 0; host--)
            capacity.Put(LoadHost(ref from, poolId));
        for (var offer = from.Count(); offer > 0; offer--)
            offers.Put(LoadOffer(ref from, poolId));
        for (var vm = from.Count(); vm > 0; vm--)
        {
            var row = vms.Put(LoadSpec(ref from, poolId));
            vms.Texts(row) = LoadTexts(ref from);
            vms.State(row) = from.Value<VmState>();
        }
    }

    private static void Save(StateWriter to, HostSpec host)
    {
        to.Text(host.HostId);
        to.Text(host.Provider);
        to.Text(host.Region);
        Save(to, host.Capacity);
        Save(to, host.Granularity);
        to.Int64(host.Spot ? 1 : 0);
    }

    private static HostSpec LoadHost(ref StateReader from, string poolId) =>
        new(from.Text(), poolId, from.Text(), from.Text(), LoadSize(ref from), LoadSize(ref from), from.Int64() != 0);

    private static void Save(StateWriter to, Offer offer)
    {
        to.Text(offer.OfferId);
        to.Text(offer.Provider);
        to.Text(offer.Region);
        to.Int64(offer.Spot ? 1 : 0);
        to.Double(offer.PricePerCoreHour);
        to.Double(offer.PricePerGibHour);
        to.Text(offer.Currency);
        Save(to, offer.Capacity);
        to.Double(offer.InterruptionsPerHour);
        to.Double(offer.MoveCost);
    }

    private static Offer LoadOffer(ref StateReader from, string poolId) => new(
        from.Text(),
        poolId,
        from.Text(),
        from.Text(),
        from.Int64() != 0,
        from.Double(),
        from.Double(),
        from.Text(),
        LoadSize(ref from),
        from.Double(),
        from.Double());

    private static void Save(StateWriter to, VmSpec spec)
    {
        to.Text(spec.VmId);
        Save(to, spec.Provisioned);
        Save(to, spec.Lower);
        Save(to, spec.Upper);
        to.Int64((long)spec.Priority);
        to.Text(spec.TimeZone);
        to.Text(spec.JobClass);
    }

    private static VmSpec LoadSpec(ref StateReader from, string poolId) => new(
        from.Text(),
        poolId,
        LoadSize(ref from),
        LoadSize(ref from),
        LoadSize(ref from),
        (Priority)from.Int64(),
        from.Text(),
        from.Text());

    private static void Save(StateWriter to, in VmTexts texts)
    {
        to.Text(texts.HostId);
        to.Text(texts.OfferId);
        to.Text(texts.PendingOfferId);
        to.Text(texts.LastOfferId);
        to.Text(texts.ModelVersion);
        to.Text(texts.RequestId);
    }

    private static VmTexts LoadTexts(ref StateReader from) =>
        new(from.Text(), from.Text(), from.Text(), from.Text(), from.Text(), from.Text());

    private static void Save(StateWriter to, VmSize size)
    {
        to.Double(size.CpuCores);
        to.Double(size.MemoryGib);
    }

    private static VmSize LoadSize(ref StateReader from) => new(from.Double(), from.Double());
}
