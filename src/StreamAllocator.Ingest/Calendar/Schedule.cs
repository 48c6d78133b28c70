using Cronos;
using StreamAllocator.Domain;
using StreamAllocator.Ingest.Inventory;

namespace StreamAllocator.Ingest.Calendar;

/// <summary>An entry of the calendar: a cron expression or one start, and how long it lasts.</summary>
/// <param name="VmId">Whom it concerns: a VM, a job class, or a pool; the others stay empty. All empty: everyone.</param>
/// <param name="Cron">Five fields, in the time zone; empty for a single event.</param>
/// <param name="TimeZone">IANA name; empty is UTC.</param>
/// <param name="Start">Of a single event; the epoch where there is none.</param>
/// <param name="Name">What happens: events of one name are alike.</param>
public sealed record Schedule(
    string ScheduleId,
    string VmId,
    string JobClass,
    string PoolId,
    string Cron,
    string TimeZone,
    EventTime Start,
    TimeSpan Duration,
    string Name)
{
    /// <summary>Longest event that a schedule may announce.</summary>
    public static readonly TimeSpan LongestDuration = TimeSpan.FromDays(7);

    /// <summary>Everything wrong with it, each with what was found and what was expected; empty if it is valid.</summary>
    public IEnumerable<string> Violations()
    {
        if (!Identifier.IsValid(ScheduleId))
            yield return $"schedule_id '{ScheduleId}': expected {Identifier.Expected}";
        if (!Identifier.IsValid(Name))
            yield return $"name '{Name}': expected {Identifier.Expected}";
        if ((VmId.Length > 0 ? 1 : 0) + (JobClass.Length > 0 ? 1 : 0) + (PoolId.Length > 0 ? 1 : 0) > 1)
            yield return $"vm_id '{VmId}', job_class '{JobClass}', pool_id '{PoolId}': expected at most one of them";
        if (Duration < TimeSpan.Zero || Duration > LongestDuration)
            yield return $"duration {Duration}: expected 0 to {LongestDuration.TotalDays} days";
        if (TimeZone.Length > 0 && !ZoneTransitions.IsKnown(TimeZone))
            yield return $"time_zone '{TimeZone}': expected an IANA name, as Europe/Berlin";
        if (Cron.Length > 0 == (Start.UnixMilliseconds != 0))
            yield return $"cron '{Cron}', start {Start}: expected exactly one of them";
        else if (Cron.Length > 0 && !CronExpression.TryParse(Cron, out _))
            yield return $"cron '{Cron}': expected five fields: minute, hour, day of month, month, day of week";
        else if (Cron.Length == 0 && !CivilTime.IsMeant(Start.UnixMilliseconds))
            yield return $"start_ms {Start.UnixMilliseconds}: expected a time from 1970 to 9999";
    }
}
