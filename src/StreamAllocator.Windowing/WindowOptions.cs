namespace StreamAllocator.Windowing;

public sealed record WindowOptions
{
    /// <summary>
    /// Length and advance of a window: 5 seconds to 15 minutes, a whole number of them in a day. A forecast keeps the values of a day, so that a VM's
    /// state grows as windows get shorter: those below a minute are for trying out.
    /// </summary>
    public TimeSpan Size { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Usage at or above this share of the allocation is censored: the demand was at least this much.</summary>
    public double CensoredRatio { get; init; } = 0.98;

    public IEnumerable<string> Validate()
    {
        if (Size < TimeSpan.FromSeconds(5) || Size > TimeSpan.FromMinutes(15) || TimeSpan.FromDays(1).Ticks % Size.Ticks != 0)
            yield return $"window size {Size}: expected 5 seconds to 15 minutes, a whole number of them in a day";
        if (CensoredRatio is not (> 0 and <= 1))
            yield return FormattableString.Invariant($"censored ratio {CensoredRatio}: expected more than 0, at most 1");
    }
}
