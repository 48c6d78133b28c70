using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>The capacity that a pool can buy, and which of it is the cheapest that fits.</summary>
internal sealed class OfferBook
{
    private readonly SortedList<string, Offer> _offers = new(StringComparer.Ordinal);
    private double[] _heldCores = [];
    private double[] _heldGib = [];

    /// <summary>The offers by id.</summary>
    public IList<Offer> Offers => _offers.Values;

    public void Put(Offer offer) => _offers[offer.OfferId] = offer;

    public bool Remove(string offerId) => _offers.Remove(offerId);

    public bool Has(string offerId) => _offers.ContainsKey(offerId);

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
        var index = _offers.IndexOfKey(offerId);
        if (index < 0)
            return;
        _heldCores[index] += cores;
        _heldGib[index] += gib;
    }

    /// <summary>What is left of an offer for one that is placed on it already; 0 of one that is gone.</summary>
    public double Free(string offerId, Resource resource)
    {
        var index = _offers.IndexOfKey(offerId);
        return index < 0 ? 0 : Math.Max(0, _offers.GetValueAtIndex(index).Capacity[resource] - (resource == Resource.Cpu ? _heldCores : _heldGib)[index]);
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
            var offer = _offers.GetValueAtIndex(index);
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
}
