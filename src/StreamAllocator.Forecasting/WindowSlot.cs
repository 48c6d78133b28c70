namespace StreamAllocator.Forecasting;

/// <summary>The place of a window in a ring.</summary>
internal static class WindowSlot
{
    /// <summary>window mod length, in [0, length) before 1970 too (C#'s <c>%</c> has the sign of the dividend).</summary>
    public static int Of(long window, int length)
    {
        // Windows of our time fit 32 bits, which divide several times faster.
        if ((ulong)window <= uint.MaxValue)
            return (int)((uint)window % (uint)length);
        var slot = (int)(window % length);
        return slot < 0 ? slot + length : slot;
    }
}
