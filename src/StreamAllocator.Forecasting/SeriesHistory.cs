using StreamAllocator.Forecasting.Experts;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting;

/// <summary>The last day of one series, gaps filled with the value before them, to 16 bits a window.</summary>
internal readonly ref struct SeriesHistory(ReadOnlySpan<ushort> ring, int newest, float last)
{
    private readonly ReadOnlySpan<ushort> _ring = ring;
    private readonly int _newest = newest;

    /// <summary>Newest known value, unrounded.</summary>
    public float Last { get; } = last;

    /// <summary>Value at the origin of a query.</summary>
    public float Origin(in Query query) => query.Back == 0 ? Last : Value(query.Back);

    /// <summary>Value <paramref name="back"/> windows before the newest, 0 to a day less one.</summary>
    public float Value(int back)
    {
        var slot = _newest - back;
        return Float16.Decode(_ring[slot < 0 ? slot + _ring.Length : slot]);
    }
}
