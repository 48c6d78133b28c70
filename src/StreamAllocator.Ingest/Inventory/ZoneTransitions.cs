using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Inventory;

/// <summary>
/// Looks the offsets of a time zone up in the machine's time zone database: from the first day of the year before a given time to the last day
/// of the tenth year after it. Whole years, so that VMs of one zone share the result. Belongs to one thread.
/// </summary>
internal sealed class ZoneTransitions
{
    private readonly Dictionary<(string Zone, int Year), ZoneOffsets> _known = [];

    public static bool IsKnown(string zone) => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _);

    public ZoneOffsets Resolve(string zone, EventTime around)
    {
        var year = CivilTime.IsMeant(around.UnixMilliseconds) ? Math.Min(around.ToDateTimeOffset().Year, 9988) : 1970;
        if (!_known.TryGetValue((zone, year), out var offsets))
            _known.Add((zone, year), offsets = Search(TimeZoneInfo.FindSystemTimeZoneById(zone), year));
        return offsets;
    }

    /// <summary>An offset that changes twice within a day would be missed; none has since 1970.</summary>
    private static ZoneOffsets Search(TimeZoneInfo zone, int year)
    {
        var (day, end) = (Utc(year - 1), Utc(year + 11));
        var from = new List<EventTime> { EventTime.From(day) };
        var minutes = new List<int> { Minutes(zone, day) };
        for (; day < end; day = day.AddDays(1))
        {
            var next = day.AddDays(1);
            if (Minutes(zone, next) == minutes[^1])
                continue;
            from.Add(EventTime.From(Change(zone, day, next)));
            minutes.Add(Minutes(zone, next));
        }

        return new ZoneOffsets(from, minutes);
    }

    /// <summary>First minute within (before, after] that has the offset of <paramref name="after"/>.</summary>
    private static DateTimeOffset Change(TimeZoneInfo zone, DateTimeOffset before, DateTimeOffset after)
    {
        var (low, high) = (0, (int)(after - before).TotalMinutes);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Minutes(zone, before.AddMinutes(middle)) == Minutes(zone, after))
                high = middle;
            else
                low = middle;
        }

        return before.AddMinutes(high);
    }

    private static int Minutes(TimeZoneInfo zone, DateTimeOffset time) => (int)zone.GetUtcOffset(time).TotalMinutes;

    private static DateTimeOffset Utc(int year) => new(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
