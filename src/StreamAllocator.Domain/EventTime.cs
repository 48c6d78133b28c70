using System.Globalization;

namespace StreamAllocator.Domain;

/// <summary>When something happened: milliseconds since 1970-01-01T00:00:00Z, never a processing time.</summary>
public readonly record struct EventTime(long UnixMilliseconds) : IComparable<EventTime>
{
    /// <summary>Before everything: the watermark of a source that has said nothing yet.</summary>
    public static readonly EventTime Unknown = new(long.MinValue);

    public static EventTime FromUnixSeconds(long seconds) => new(checked(seconds * 1000));

    public static EventTime From(DateTimeOffset instant) => new(instant.ToUnixTimeMilliseconds());

    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(UnixMilliseconds);

    /// <summary>Index of the half-open window <c>[index·size, (index+1)·size)</c>, aligned to the epoch, that holds this time.</summary>
    public long WindowIndex(TimeSpan size) => FloorDiv(UnixMilliseconds, (long)size.TotalMilliseconds);

    public static EventTime StartOfWindow(long index, TimeSpan size) => new(checked(index * (long)size.TotalMilliseconds));

    public static EventTime operator +(EventTime time, TimeSpan span) => new(checked(time.UnixMilliseconds + (long)span.TotalMilliseconds));

    public static EventTime operator -(EventTime time, TimeSpan span) => new(checked(time.UnixMilliseconds - (long)span.TotalMilliseconds));

    public static TimeSpan operator -(EventTime left, EventTime right) =>
        TimeSpan.FromMilliseconds(checked(left.UnixMilliseconds - right.UnixMilliseconds));

    public static bool operator <(EventTime left, EventTime right) => left.UnixMilliseconds < right.UnixMilliseconds;

    public static bool operator >(EventTime left, EventTime right) => left.UnixMilliseconds > right.UnixMilliseconds;

    public static bool operator <=(EventTime left, EventTime right) => left.UnixMilliseconds <= right.UnixMilliseconds;

    public static bool operator >=(EventTime left, EventTime right) => left.UnixMilliseconds >= right.UnixMilliseconds;

    public int CompareTo(EventTime other) => UnixMilliseconds.CompareTo(other.UnixMilliseconds);

    /// <summary>RFC 3339; a damaged time that no calendar has is told in milliseconds, so that it can be complained of.</summary>
    public override string ToString() => this == Unknown ? "unknown"
        : this < From(DateTimeOffset.MinValue) || this > From(DateTimeOffset.MaxValue) ? FormattableString.Invariant($"{UnixMilliseconds} ms")
        : ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Division that rounds towards minus infinity (C#'s <c>/</c> truncates, which misplaces times before 1970).</summary>
    public static long FloorDiv(long dividend, long divisor)
    {
        var (quotient, remainder) = Math.DivRem(dividend, divisor);
        return remainder != 0 && (dividend < 0) != (divisor < 0) ? quotient - 1 : quotient;
    }
}
