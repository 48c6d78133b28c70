using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>The capacity that a pool can buy, and which of it is the cheapest that fits.</summary>
internal sealed class OfferBook
{
    private readonly List<Offer> _offers = [];
    private double[] _heldCores = [];
    private double[] _heldGib = [];

    /// <summary>The offers by id.</summary>
    public IReadOnlyList<Offer> Offers => _offers;

    public void Put(Offer offer)
    {
        var index = IndexOf(offer.OfferId);
        if (index >= 0)
            _offers[index] = offer;
        else
            _offers.Insert(~index, offer);
    }

    public bool Remove(string offerId)
    {
        var index = IndexOf(offerId);
        if (index < 0)
            return false;
        _offers.RemoveAt(index);
        return true;
    }

    public bool Has(string offerId) => IndexOf(offerId) >= 0;

    /// <summary>Counts anew what this pool's VMs hold of each offer, placed or on their way, in order of ids.</summary>
    public void Recount(VmTable vms)
    {
        if (_heldCores.Length != _offers.Count)
        {
            _heldCores = new double[_offers.Count];
            _heldGib = new double[_offers.Count];
        }

        if (_offers.Count == 0)
            return;
        _heldCores.AsSpan().Clear();
        _heldGib.AsSpan().Clear();
        foreach (var row in vms.ById)
        {
            ref var texts = ref vms.Texts(row);
            Take(texts.OfferId, vms.State(row).Resources[0].Held, vms.State(row).Resources[1].Held);
            if (texts.PendingOfferId != texts.OfferId)
                Take(texts.PendingOfferId, vms.State(row).Resources[0].Held, vms.State(row).Resources[1].Held);
        }
    }

    public void Take(string offerId, double cores, double gib)
    {
        var index = offerId.Length == 0 ? -1 : IndexOf(offerId);
        if (index < 0)
            return;
        _heldCores[index] += cores;
        _heldGib[index] += gib;
    }

    /// <summary>What is left of an offer for one that is placed on it already; 0 of one that is gone.</summary>
    public double Free(string offerId, Resource resource)
    {
        var index = IndexOf(offerId);
        return index < 0 ? 0 : Math.Max(0, _offers[index].Capacity[resource] - (resource == Resource.Cpu ? _heldCores : _heldGib)[index]);
    }

    /// <summary>
    /// The cheapest offer with room for the whole size that meets the class's risk, or null. Cost per hour = size × price + move cost
    /// over the time it has to pay in; the one chosen last stays unless another is cheaper by the hysteresis; ties go to the lower id.
    /// </summary>
    /// <param name="lastOfferId">The offer chosen last for this VM; empty is none.</param>
    /// <param name="pricePerHour">Of the whole VM on the chosen offer, the move not counted.</param>
    public Offer? Cheapest(VmSize size, Priority priority, string lastOfferId, DecisionOptions options, out double pricePerHour)
    {
        Offer? best = null;
        var bestCost = double.PositiveInfinity;
        pricePerHour = 0;
        for (var index = 0; index < _offers.Count; index++)
        {
            var offer = _offers[index];
            if (offer.Currency != options.Currency || !MeetsRisk(offer, priority, options))
                continue;
            if (size.CpuCores > offer.Capacity.CpuCores - _heldCores[index] || size.MemoryGib > offer.Capacity.MemoryGib - _heldGib[index])
                continue;
            var price = size.CpuCores * offer.PricePerCoreHour + size.MemoryGib * offer.PricePerGibHour;
            var cost = price + offer.MoveCost / options.MovePaysWithin.TotalHours;
            if (offer.OfferId == lastOfferId)
                cost *= 1 - options.PriceHysteresis;
            if (cost >= bestCost)
                continue;
            best = offer;
            bestCost = cost;
            pricePerHour = price;
        }

        return best;
    }

    private static bool MeetsRisk(Offer offer, Priority priority, DecisionOptions options) => !offer.Spot
        || (priority != Priority.Critical && offer.InterruptionsPerHour <= options.Of(priority).MaxInterruptionsPerHour);

    private int IndexOf(string offerId)
    {
        var low = 0;
        var high = _offers.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_offers[middle].OfferId, offerId);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}
