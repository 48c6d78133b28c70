using Cronos;
using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Calendar;

/// <summary>A schedule and how far it has been expanded.</summary>
internal sealed class Expansion(Schedule schedule, EventTime expandedTo)
{
    private readonly CronExpression? _cron = schedule.Cron.Length > 0 ? CronExpression.Parse(schedule.Cron) : null;
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone.Length == 0 ? "UTC" : schedule.TimeZone);

    public Schedule Schedule { get; } = schedule;

    /// <summary>Starts before this time have been given, or were over before the schedule was known.</summary>
    public EventTime ExpandedTo { get; private set; } = expandedTo;

    /// <summary>
    /// The occurrences that start before <paramref name="until"/> and were not given yet, leaving out those that were over at
    /// <paramref name="now"/>. A local time that does not exist (spring) moves to the next that does; one that exists twice (autumn) occurs once.
    /// </summary>
    public IEnumerable<Occurrence> Take(EventTime now, EventTime until)
    {
        var running = now - Schedule.Duration;
        var from = ExpandedTo > running ? ExpandedTo : running;
        if (until <= from)
            return [];
        ExpandedTo = until;
        if (_cron is null)
            return Schedule.Start >= from && Schedule.Start < until ? [At(Schedule.Start)] : [];
        return _cron.GetOccurrences(from.ToDateTimeOffset(), until.ToDateTimeOffset(), _zone, fromInclusive: true, toInclusive: false)
            .Select(start => At(EventTime.From(start)));
    }

    private Occurrence At(EventTime start) =>
        new(Schedule.ScheduleId, Schedule.Name, Schedule.VmId, Schedule.JobClass, Schedule.PoolId, start, Schedule.Duration);
}
