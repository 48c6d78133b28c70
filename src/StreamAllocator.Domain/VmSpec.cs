namespace StreamAllocator.Domain;

/// <summary>Inventory of one VM: where it lives, what it has, between which bounds it may be resized.</summary>
/// <param name="VmId">1–200 printable characters, opaque.</param>
/// <param name="PoolId">The hosts whose capacity it shares.</param>
/// <param name="Provisioned">Size as provisioned by its owner.</param>
/// <param name="Lower">Never below.</param>
/// <param name="Upper">Never above.</param>
/// <param name="TimeZone">IANA name; local time of day and day of week of its features.</param>
/// <param name="JobClass">Optional class whose learned parameters it shares; empty is the fleet's.</param>
public sealed record VmSpec(
    string VmId,
    string PoolId,
    VmSize Provisioned,
    VmSize Lower,
    VmSize Upper,
    Priority Priority,
    string TimeZone = "UTC",
    string JobClass = "")
{
    /// <summary>Everything wrong with it, each with what was found and what was expected; empty if it is valid.</summary>
    public IEnumerable<string> Violations()
    {
        if (!Identifier.IsValid(VmId))
            yield return $"vm_id '{VmId}': expected {Identifier.Expected}";
        if (!Identifier.IsValid(PoolId))
            yield return $"pool_id '{PoolId}': expected {Identifier.Expected}";
        foreach (var resource in new[] { Resource.Cpu, Resource.Memory })
        {
            if (Provisioned[resource] <= 0)
                yield return FormattableString.Invariant($"provisioned {resource} {Provisioned[resource]}: expected more than 0");
            if (Lower[resource] > Upper[resource])
                yield return FormattableString.Invariant($"{resource} bounds [{Lower[resource]}, {Upper[resource]}]: expected lower ≤ upper");
        }
    }
}
