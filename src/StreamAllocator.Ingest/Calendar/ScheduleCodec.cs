using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Calendar;

/// <summary>Message <c>Schedule</c>.</summary>
public static class ScheduleCodec
{
    public static void WriteFields(ProtoWriter writer, Schedule schedule)
    {
        writer.Text(1, schedule.ScheduleId);
        writer.Text(2, schedule.VmId);
        writer.Text(3, schedule.JobClass);
        writer.Text(4, schedule.PoolId);
        writer.Text(5, schedule.Cron);
        writer.Text(6, schedule.TimeZone);
        writer.Int64(7, schedule.Start.UnixMilliseconds);
        writer.Int64(8, (long)schedule.Duration.TotalMilliseconds);
        writer.Text(9, schedule.Name);
    }

    public static Schedule Read(ProtoReader reader)
    {
        var schedule = new Schedule("", "", "", "", "", "", default, default, "");
        while (reader.Next())
        {
            schedule = reader.Field switch
            {
                1 => schedule with { ScheduleId = reader.Text() },
                2 => schedule with { VmId = reader.Text() },
                3 => schedule with { JobClass = reader.Text() },
                4 => schedule with { PoolId = reader.Text() },
                5 => schedule with { Cron = reader.Text() },
                6 => schedule with { TimeZone = reader.Text() },
                7 => schedule with { Start = new EventTime(reader.Int64()) },
                8 => schedule with { Duration = TimeSpan.FromMilliseconds((uint)reader.Int64()) },
                9 => schedule with { Name = reader.Text() },
                _ => schedule,
            };
        }

        return schedule;
    }
}
