using System.Globalization;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Ingest.Calendar;
using StreamAllocator.Pipeline.Logs;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Calendar;

public sealed class CalendarIngestTaskTests
{
    private static readonly EventTime Noon = At("2025-08-01T12:00:00Z");

    [Fact]
    public void A_schedule_becomes_dated_occurrences_of_the_next_two_days_in_every_partition()
    {
        using var harness = Live(partitions: 2).Fold("s", Nightly("UTC"), Noon);
        harness.Clock(Noon);

        Assert.Equal([0, 1, 0, 1], harness.VmInputs.Select(input => input.Partition));
        Assert.Equal(["2025-08-02T02:30:00Z", "2025-08-03T02:30:00Z"], Starts(harness, partition: 1));
        var occurrence = harness.VmInputs[0].Value.Occurrence;
        Assert.Equal(("s", "backup", "batch", 3_600_000U), (occurrence.ScheduleId, occurrence.Name, occurrence.JobClass, occurrence.DurationMs));
    }

    [Fact]
    public void Each_occurrence_is_given_once_as_time_goes_on_also_after_a_restart()
    {
        using var before = Live().Fold("s", Nightly("UTC"), Noon);
        for (var hour = 0; hour < 30; hour++)
            before.Clock(Noon + TimeSpan.FromMinutes(61 * hour));
        using var after = before.Restore(new CalendarIngestTask(EdgeHarness.Topics, 1, new IngestOptions()));
        for (var hour = 30; hour < 72; hour++)
            after.Clock(Noon + TimeSpan.FromMinutes(61 * hour));

        string[] all = [.. Starts(before), .. Starts(after)];
        Assert.Equal(Enumerable.Range(2, 5).Select(day => $"2025-08-0{day}T02:30:00Z"), all);
    }

    [Fact]
    public void In_spring_a_local_time_that_does_not_exist_moves_to_the_next_that_does()
    {
        // Berlin, 30 March 2025: 02:00 CET is followed by 03:00 CEST.
        using var harness = Live().Fold("s", Nightly("Europe/Berlin"), At("2025-03-28T12:00:00Z"));
        harness.Clock(At("2025-03-28T12:00:00Z"));
        harness.Clock(At("2025-03-29T12:00:00Z"));

        Assert.Equal(["2025-03-29T01:30:00Z", "2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"], Starts(harness));
    }

    [Fact]
    public void In_autumn_a_local_time_that_exists_twice_occurs_once()
    {
        // Berlin, 26 October 2025: 03:00 CEST is followed by 02:00 CET.
        using var harness = Live().Fold("s", Nightly("Europe/Berlin"), At("2025-10-24T12:00:00Z"));
        harness.Clock(At("2025-10-24T12:00:00Z"));
        harness.Clock(At("2025-10-25T12:00:00Z"));

        Assert.Equal(["2025-10-25T00:30:00Z", "2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"], Starts(harness));
    }

    [Fact]
    public void A_removed_schedule_stops()
    {
        using var harness = Live().Fold("s", Nightly("UTC"), Noon);
        harness.Clock(Noon);
        harness.Fold("s", [], Noon);
        harness.Clock(Noon + TimeSpan.FromDays(2));

        Assert.Equal(2, harness.VmInputs.Count);
    }

    [Fact]
    public void A_single_event_is_given_when_it_comes_near_and_one_that_still_runs_at_once()
    {
        var soon = Single("soon", Noon + TimeSpan.FromDays(5));
        var running = Single("running", Noon - TimeSpan.FromMinutes(59));
        var over = Single("over", Noon - TimeSpan.FromMinutes(61));
        using var harness = Live().Fold("soon", soon, Noon).Fold("running", running, Noon - TimeSpan.FromDays(9)).Fold("over", over, Noon);
        harness.Clock(Noon);
        Assert.Equal(["running"], harness.VmInputs.Select(input => input.Value.Occurrence.ScheduleId));

        harness.Clock(Noon + TimeSpan.FromDays(4));
        harness.Clock(Noon + TimeSpan.FromDays(4) + TimeSpan.FromHours(2));
        Assert.Equal(["running", "soon"], harness.VmInputs.Select(input => input.Value.Occurrence.ScheduleId));
    }

    [Fact]
    public void Within_a_backlog_nothing_is_given_that_may_still_be_removed()
    {
        using var harness = Live().Fold("s", Nightly("UTC"), Noon);
        harness.Clock(Noon, caughtUp: false);
        harness.Fold("s", [], Noon);
        harness.Clock(Noon);

        Assert.Empty(harness.VmInputs);
    }

    [Fact]
    public void Driven_time_comes_from_the_records_and_heartbeats()
    {
        var heartbeat = RecordHeaders.ForSchema("streamallocator.v1.Heartbeat");
        using var harness = New(IngestOptions.ForDriven).Fold("s", Nightly("UTC"), Noon);
        Assert.Equal(["2025-08-02T02:30:00Z", "2025-08-03T02:30:00Z"], Starts(harness));

        harness.Clock(Noon + TimeSpan.FromDays(9));
        harness.Fold("time", new Wire.Heartbeat { EventTimeMs = (Noon + TimeSpan.FromDays(1)).UnixMilliseconds }.ToByteArray(), Noon, heartbeat);
        Assert.Equal(["2025-08-02T02:30:00Z", "2025-08-03T02:30:00Z", "2025-08-04T02:30:00Z"], Starts(harness));
    }

    public static TheoryData<string, Wire.Schedule> InvalidSchedules() => new()
    {
        { "cron '61", new Wire.Schedule { ScheduleId = "s", Name = "n", Cron = "61 * * * *" } },
        { "exactly one", new Wire.Schedule { ScheduleId = "s", Name = "n" } },
        { "exactly one", new Wire.Schedule { ScheduleId = "s", Name = "n", Cron = "0 * * * *", StartMs = 5 } },
        { "time_zone 'Nowhere'", new Wire.Schedule { ScheduleId = "s", Name = "n", Cron = "0 * * * *", TimeZone = "Nowhere" } },
        { "duration", new Wire.Schedule { ScheduleId = "s", Name = "n", Cron = "0 * * * *", DurationMs = uint.MaxValue } },
        { "at most one", new Wire.Schedule { ScheduleId = "s", Name = "n", Cron = "0 * * * *", VmId = "a", PoolId = "b" } },
        { "name ''", new Wire.Schedule { ScheduleId = "s", Cron = "0 * * * *" } },
        { "key 's'", new Wire.Schedule { ScheduleId = "t", Name = "n", Cron = "0 * * * *" } },
    };

    [Theory]
    [MemberData(nameof(InvalidSchedules))]
    public void A_schedule_that_breaks_a_rule_is_invalid(string detail, Wire.Schedule schedule)
    {
        using var harness = Live().Fold("s", schedule.ToByteArray(), Noon);
        harness.Clock(Noon);

        var letter = Assert.Single(harness.DeadLetters);
        Assert.Equal(Wire.DeadLetterCause.Invalid, letter.Cause);
        Assert.Contains(detail, letter.Detail, StringComparison.Ordinal);
        Assert.Empty(harness.VmInputs);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Garbage_never_throws(ulong seed)
    {
        var random = new SeededRandom(seed);
        var task = new CalendarIngestTask(EdgeHarness.Topics, 1, IngestOptions.ForDriven);
        using var harness = new EdgeHarness(EdgeHarness.Topics.Calendar, task);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = Nightly("UTC");
            for (var change = 1 + random.NextInt32(3); change > 0; change--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            harness.Fold("s", bytes, Noon);
        }

        Assert.Equal(1000, task.Counts.Accepted + harness.DeadLetters.Count);
        Assert.True(harness.DeadLetters.Count > 100);
    }

    private static EdgeHarness Live(int partitions = 1) => New(new IngestOptions(), partitions);

    private static EdgeHarness New(IngestOptions options, int partitions = 1) =>
        new(EdgeHarness.Topics.Calendar, new CalendarIngestTask(EdgeHarness.Topics, partitions, options));

    private static byte[] Nightly(string zone) => new Wire.Schedule
    {
        ScheduleId = "s",
        Name = "backup",
        JobClass = "batch",
        Cron = "30 2 * * *",
        TimeZone = zone,
        DurationMs = 3_600_000,
    }.ToByteArray();

    private static byte[] Single(string id, EventTime start) =>
        new Wire.Schedule { ScheduleId = id, Name = "sale", StartMs = start.UnixMilliseconds, DurationMs = 3_600_000 }.ToByteArray();

    private static IEnumerable<string> Starts(EdgeHarness harness, int partition = 0) => harness.VmInputs
        .Where(input => input.Partition == partition).Select(input => new EventTime(input.Value.Occurrence.StartMs).ToString());

    private static EventTime At(string time) => EventTime.From(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture));
}
