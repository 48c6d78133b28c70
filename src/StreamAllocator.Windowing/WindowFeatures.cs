using StreamAllocator.Domain;

namespace StreamAllocator.Windowing;

/// <summary>One closed window <c>[Start, End)</c> of one VM; filled and reused. Arrays are per resource; NaN is missing.</summary>
public sealed class WindowFeatures
{
    public EventTime Start { get; internal set; }

    public EventTime End { get; internal set; }

    /// <summary>Of the samples that had a value, as it was added up; 0 where there was none.</summary>
    public double[] Sum { get; } = new double[Resources.Count];

    public float[] Mean { get; } = new float[Resources.Count];

    public float[] Max { get; } = new float[Resources.Count];

    /// <summary>Samples that had a value.</summary>
    public int[] Count { get; } = new int[Resources.Count];

    /// <summary>CPU, memory: usage was at or near the allocation, so the demand was at least this much.</summary>
    public bool[] Censored { get; } = new bool[Resources.ResizableCount];

    /// <summary>CPU, memory: the allocation as the newest sample tells it.</summary>
    public float[] Allocated { get; } = new float[Resources.ResizableCount];

    /// <summary>Mean over the samples that tell it; 0 where none does.</summary>
    public float ThrottledRatio { get; internal set; }

    public bool IsMissing => Count[0] + Count[1] + Count[2] + Count[3] == 0;
}
