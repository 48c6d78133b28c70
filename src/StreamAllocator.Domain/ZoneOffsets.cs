namespace StreamAllocator.Domain;

/// <summary>A time zone resolved at the edge, so that the fold needs no time zone database: from each time on, local time is UTC + its offset.</summary>
/// <param name="From">Ascending.</param>
/// <param name="OffsetMinutes">One for each time.</param>
public sealed record ZoneOffsets(IReadOnlyList<EventTime> From, IReadOnlyList<int> OffsetMinutes)
{
    public static readonly ZoneOffsets Utc = new([], []);

    /// <summary>Minutes to add to UTC; before the first entry its offset holds, without entries it is UTC.</summary>
    public int At(EventTime time)
    {
        if (From.Count == 0)
            return 0;
        var (low, high) = (0, From.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (From[middle] <= time)
                low = middle;
            else
                high = middle - 1;
        }

        return OffsetMinutes[low];
    }
}
