using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting;

/// <summary>One resource in one closed window.</summary>
/// <param name="Mean">Mean of the window's samples in the resource's unit; NaN: no sample, which is missing and never zero.</param>
/// <param name="Max">Largest sample or within-sample peak; NaN: unknown, the mean stands in.</param>
/// <param name="Censored">Usage was at the allocation: demand was <em>at least</em> this much.</param>
public readonly record struct ResourceObservation(float Mean, float Max, bool Censored = false)
{
    public static ResourceObservation Missing { get; } = new(float.NaN, float.NaN);
}

/// <summary>One closed window of one VM.</summary>
public readonly record struct WindowObservation(
    ResourceObservation Cpu,
    ResourceObservation Memory,
    ResourceObservation Disk,
    ResourceObservation Network)
{
    public static WindowObservation Missing { get; } = new(
        ResourceObservation.Missing, ResourceObservation.Missing, ResourceObservation.Missing, ResourceObservation.Missing);

    public ResourceObservation this[Resource resource] => resource switch
    {
        Resource.Cpu => Cpu,
        Resource.Memory => Memory,
        Resource.Disk => Disk,
        Resource.Network => Network,
        _ => throw new ArgumentOutOfRangeException(nameof(resource), resource, "expected one of the four resources"),
    };
}
