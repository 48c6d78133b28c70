namespace StreamAllocator.Windowing;

/// <summary>Sum, maximum and count of one open window. All zero is the empty window.</summary>
internal struct Accumulator
{
    public double Sum;
    public float Max;
    public int Count;

    /// <summary>NaN where nothing was added.</summary>
    public readonly float Mean => Count == 0 ? float.NaN : (float)(Sum / Count);

    /// <inheritdoc cref="Mean"/>
    public readonly float MaxOrMissing => Count == 0 ? float.NaN : Max;

    public void Add(float value, float max)
    {
        if (float.IsNaN(value))
            return;
        Sum += value;
        Max = Count == 0 ? max : Math.Max(Max, max);
        Count++;
    }
}
