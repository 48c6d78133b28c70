using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>Occurrence</c>.</summary>
public static class OccurrenceCodec
{
    public static void WriteFields(ProtoWriter writer, Occurrence occurrence)
    {
        writer.Text(1, occurrence.ScheduleId);
        writer.Text(2, occurrence.Name);
        writer.Text(3, occurrence.VmId);
        writer.Text(4, occurrence.JobClass);
        writer.Text(5, occurrence.PoolId);
        writer.Int64(6, occurrence.Start.UnixMilliseconds);
        writer.Int64(7, (long)occurrence.Duration.TotalMilliseconds);
    }

    public static Occurrence Read(ProtoReader reader)
    {
        var occurrence = new Occurrence("", "", "", "", "", default, default);
        while (reader.Next())
        {
            occurrence = reader.Field switch
            {
                1 => occurrence with { ScheduleId = reader.Text() },
                2 => occurrence with { Name = reader.Text() },
                3 => occurrence with { VmId = reader.Text() },
                4 => occurrence with { JobClass = reader.Text() },
                5 => occurrence with { PoolId = reader.Text() },
                6 => occurrence with { Start = new EventTime(reader.Int64()) },
                7 => occurrence with { Duration = ReadDuration(reader.Int64()) },
                _ => occurrence,
            };
        }

        return occurrence;
    }

    /// <summary>The schema's range: a uint32.</summary>
    private static TimeSpan ReadDuration(long milliseconds) => milliseconds is >= 0 and <= uint.MaxValue
        ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new WireFormatException(FormattableString.Invariant($"occurrence of {milliseconds} ms: expected 0 to {uint.MaxValue}"));
}
