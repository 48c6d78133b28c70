using System.Runtime.InteropServices;

namespace StreamAllocator.Forecasting;

/// <summary>The scalars of one series, laid over its first floats.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeriesHeader
{
    /// <summary>Newest known value, unrounded.</summary>
    public float Last;

    /// <summary>Known values so far, up to 2^30.</summary>
    public int Count;

    /// <summary>Windows since the newest known value.</summary>
    public int Age;

    /// <summary>What the allocation can serve, in the resource's unit; 0 is unknown.</summary>
    public float Capacity;

    /// <summary>Decayed mean step between known windows, memory a day.</summary>
    public float Step;

    /// <summary>Lead-1 actuals in a row outside the served 1 … 99 % band; negative: windows of widening that are left.</summary>
    public int Shift;
}
