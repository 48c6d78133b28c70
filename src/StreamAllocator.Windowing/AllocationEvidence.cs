namespace StreamAllocator.Windowing;

/// <summary>
/// Usage against the allocation, within one window. A sample that tells its allocation is judged by it; one that does not waits for the
/// window to close, since samples of later windows may have been read before and must not count.
/// </summary>
internal struct AllocationEvidence
{
    /// <summary>As the newest sample tells it; 0 where none does.</summary>
    private float _allocated;
    private float _largestUnjudged;
    private bool _isCensored;
    private bool _hasNews;

    /// <summary>Since the last call a sample that told its allocation was at it.</summary>
    public bool TakeNews()
    {
        var news = _hasNews;
        _hasNews = false;
        return news;
    }

    public void Add(float usage, float allocated, float censoredRatio)
    {
        if (float.IsNaN(allocated))
        {
            // A NaN usage fails the comparison.
            if (usage > _largestUnjudged)
                _largestUnjudged = usage;
            return;
        }

        _allocated = allocated;
        if (!(usage >= allocated * censoredRatio))
            return;
        _isCensored = true;
        _hasNews = true;
    }

    /// <param name="allocated">As it was before this window; becomes what it is at the window's end. NaN is unknown.</param>
    public readonly bool IsCensored(ref float allocated, float censoredRatio)
    {
        if (_allocated > 0)
            allocated = _allocated;
        return _isCensored || (_largestUnjudged > 0 && _largestUnjudged >= allocated * censoredRatio);
    }
}
