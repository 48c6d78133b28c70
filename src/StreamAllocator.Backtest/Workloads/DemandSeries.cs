using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Workloads;

/// <summary>One period of a VM's demand, a value a window in absolute units, all known; <c>null</c> where the workload model stands in.</summary>
internal sealed record DemandSeries(
    string VmId, VmSize Provisioned, float[] CpuCores, float[] CpuCoresMax, float[]? MemoryGib, float[]? Disk, float[]? Network)
{
    /// <summary>A known series without gaps: a missing value is the one before it, at the start the first known; <c>null</c> if none is.</summary>
    public static float[]? Filled(ReadOnlySpan<float> values, int length)
    {
        var filled = new float[length];
        var known = float.NaN;
        foreach (var value in values)
        {
            if (float.IsNaN(known) && !float.IsNaN(value))
                known = value;
        }

        if (float.IsNaN(known))
            return null;
        for (var window = 0; window < length; window++)
            filled[window] = known = window < values.Length && !float.IsNaN(values[window]) ? values[window] : known;
        return filled;
    }
}
