namespace StreamAllocator.Ingest;

internal static class CivilTime
{
    private const long EndOfYear9999 = 253402300800000;

    /// <summary>A time that a calendar can hold and that somebody may have meant: 1970 to 9999, without the epoch itself, which is "not set".</summary>
    public static bool IsMeant(long unixMilliseconds) => unixMilliseconds is > 0 and < EndOfYear9999;
}
