namespace StreamAllocator.Server.Contract;

/// <summary>adjust_resources: an absolute size, and how long the policy then leaves the VM alone.</summary>
/// <param name="CpuCores">Cores, more than 0.</param>
/// <param name="MemoryGb">The specification's word for <c>memory_gib</c>: the same unit, GiB (2^30 bytes). One of the two is needed.</param>
/// <param name="MemoryGib">GiB (2^30 bytes), more than 0.</param>
/// <param name="HoldFor">"30m", "1h", "1d12h" or ISO 8601 ("PT1H"); 1 hour where it is left out.</param>
public sealed record AdjustBody(double CpuCores, double? MemoryGb, double? MemoryGib, string? HoldFor);

/// <param name="HoldFor">"30m", "1h", "1d12h" or ISO 8601 ("PT1H").</param>
public sealed record HoldBody(string HoldFor);
