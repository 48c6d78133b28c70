namespace StreamAllocator.Domain;

/// <summary>Capacity that a pool can buy when its own hosts cannot serve an increase.</summary>
/// <param name="OfferId">1–200 printable characters, opaque.</param>
/// <param name="PoolId">The pool it can extend.</param>
/// <param name="Spot">It may be interrupted; critical VMs never go there.</param>
/// <param name="PricePerCoreHour">Money for one core and hour, 0 or more.</param>
/// <param name="PricePerGibHour">Money for one GiB of memory and hour, 0 or more.</param>
/// <param name="Currency">ISO 4217. Offers in different currencies are never compared.</param>
/// <param name="Capacity">All that this pool may buy of it; what its VMs already hold of it counts against it.</param>
/// <param name="InterruptionsPerHour">Expected interruptions in an hour, 0 or more.</param>
/// <param name="MoveCost">Money once per move of a VM onto it, 0 or more.</param>
public sealed record Offer(
    string OfferId,
    string PoolId,
    string Provider,
    string Region,
    bool Spot,
    double PricePerCoreHour,
    double PricePerGibHour,
    string Currency,
    VmSize Capacity,
    double InterruptionsPerHour = 0,
    double MoveCost = 0)
{
    /// <summary>Everything wrong with it, each with what was found and what was expected; empty if it is valid.</summary>
    public IEnumerable<string> Violations()
    {
        if (!Identifier.IsValid(OfferId))
            yield return $"offer_id '{OfferId}': expected {Identifier.Expected}";
        if (!Identifier.IsValid(PoolId))
            yield return $"pool_id '{PoolId}': expected {Identifier.Expected}";
        if (Currency.Length != 3)
            yield return $"currency '{Currency}': expected three letters (ISO 4217)";
        if (!IsAmount(PricePerCoreHour))
            yield return FormattableString.Invariant($"price per core-hour {PricePerCoreHour}: expected a finite number, 0 or more");
        if (!IsAmount(PricePerGibHour))
            yield return FormattableString.Invariant($"price per GiB-hour {PricePerGibHour}: expected a finite number, 0 or more");
        if (!IsAmount(InterruptionsPerHour))
            yield return FormattableString.Invariant($"interruptions per hour {InterruptionsPerHour}: expected a finite number, 0 or more");
        if (!IsAmount(MoveCost))
            yield return FormattableString.Invariant($"move cost {MoveCost}: expected a finite number, 0 or more");
    }

    private static bool IsAmount(double value) => double.IsFinite(value) && value >= 0;
}
