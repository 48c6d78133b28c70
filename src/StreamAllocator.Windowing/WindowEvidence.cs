namespace StreamAllocator.Windowing;

/// <summary>What the samples of one open window tell of its allocation and of demand beyond it. All zero is the empty window.</summary>
internal struct WindowEvidence
{
    public AllocationEvidence Cpu;
    public AllocationEvidence Memory;
    private float _throttledSum;
    private int _throttledCount;
    private bool _hasThrottledNews;

    /// <summary>Mean over the samples that tell it; 0 where none does.</summary>
    public readonly float ThrottledRatio => _throttledCount == 0 ? 0 : _throttledSum / _throttledCount;

    public void AddThrottled(float ratio)
    {
        if (float.IsNaN(ratio))
            return;
        _throttledSum += ratio;
        _throttledCount++;
        _hasThrottledNews |= ratio > 0;
    }

    /// <summary>What samples since the last call told.</summary>
    public (bool CpuCensored, bool MemoryCensored, bool Throttled) TakeNews()
    {
        var throttled = _hasThrottledNews;
        _hasThrottledNews = false;
        return (Cpu.TakeNews(), Memory.TakeNews(), throttled);
    }
}
