using StreamAllocator.Domain;

namespace StreamAllocator.Kafka;

/// <summary>
/// Event times as Kafka has them: not before 1970. Of librdkafka 0 would be taken for "now", so the first millisecond of 1970 travels as
/// "no timestamp".
/// </summary>
internal static class Timestamps
{
    public const long None = -1;

    public static long Of(EventTime time) => time.UnixMilliseconds <= 0 ? None : time.UnixMilliseconds;

    public static EventTime ToEventTime(long timestamp) => new(timestamp == None ? 0 : timestamp);
}
