using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Minutes since local midnight, and the day of the week with Monday as 0.</summary>
internal readonly record struct LocalTime(int MinuteOfDay, int DayOfWeek)
{
    private const long MinutesPerDay = 24 * 60;

    /// <summary>1970-01-01 was a Thursday.</summary>
    private const long WeekdayOfEpoch = 3;

    public static LocalTime Of(EventTime time, int offsetMinutes)
    {
        var minutes = EventTime.FloorDiv(time.UnixMilliseconds, 60_000) + offsetMinutes;
        var day = EventTime.FloorDiv(minutes, MinutesPerDay);
        return new LocalTime((int)(minutes - day * MinutesPerDay), (int)(((day + WeekdayOfEpoch) % 7 + 7) % 7));
    }
}
