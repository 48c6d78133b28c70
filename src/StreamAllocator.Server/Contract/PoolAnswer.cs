namespace StreamAllocator.Server.Contract;

/// <summary>A pool: the hosts whose capacity its VMs share.</summary>
/// <param name="Allocated">What its VMs hold: the larger of wanted and read back.</param>
/// <param name="Reserved">Kept for critical VMs, where the pool has any.</param>
/// <param name="Free">Capacity minus allocated, never below 0; what is reserved is part of it.</param>
public sealed record PoolAnswer(
    string PoolId, int Hosts, int Vms, int CriticalVms, SizeAnswer Capacity, SizeAnswer Allocated, SizeAnswer Reserved, SizeAnswer Free);

public sealed record PoolListAnswer(IReadOnlyList<PoolAnswer> Pools);
