using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>The origins that count: windows <c>[First, End)</c> by index since the epoch, of whole windows of one size.</summary>
public readonly record struct OriginSpan(long First, long End)
{
    /// <summary>Development span of the Bitbrains trace: 2 to 16 August 2013 22:00 UTC. Everything before it is warm-up.</summary>
    public static OriginSpan BitbrainsTuning(TimeSpan size) =>
        Between(new DateTimeOffset(2013, 8, 2, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2013, 8, 16, 22, 0, 0, TimeSpan.Zero), size);

    public static OriginSpan Between(DateTimeOffset from, DateTimeOffset to, TimeSpan size) =>
        new(EventTime.From(from).WindowIndex(size), EventTime.From(to).WindowIndex(size));

    public bool Contains(long origin) => origin >= First && origin < End;
}
