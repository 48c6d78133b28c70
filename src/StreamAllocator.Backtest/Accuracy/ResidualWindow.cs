namespace StreamAllocator.Backtest.Accuracy;

/// <summary>
/// The last residuals of one lead time, oldest out first, with exact quantiles. They are sorted at the first question, so that a warm-up
/// costs nothing but the writing. State: touched by one thread.
/// </summary>
internal sealed class ResidualWindow(int capacity)
{
    private readonly float[] _ring = new float[capacity];
    private readonly SortedFloats _sorted = new(capacity);
    private int _next;
    private bool _isSorted;

    public int Count { get; private set; }

    public SortedFloats Sorted
    {
        get
        {
            if (!_isSorted)
                _sorted.Fill(_ring.AsSpan(0, Count));
            _isSorted = true;
            return _sorted;
        }
    }

    public void Add(float residual)
    {
        if (_isSorted && Count == capacity)
            _sorted.Replace(_ring[_next], residual);
        else if (_isSorted)
            _sorted.Add(residual);
        _ring[_next] = residual;
        _next = _next + 1 == capacity ? 0 : _next + 1;
        Count = Math.Min(Count + 1, capacity);
    }
}
