namespace StreamAllocator.Ingest;

public sealed record IngestOptions
{
    /// <summary>
    /// Time comes from heartbeats in the telemetry itself (replay, demo) instead of from the clock. Live, heartbeats are ignored: no agent
    /// may move everybody's time.
    /// </summary>
    public bool Driven { get; init; }

    /// <summary>Live: how long after its end a window waits for samples.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Live: distance of the ticks, to which their times are aligned.</summary>
    public TimeSpan Cadence { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Samples dated later than this after the clock (live) or after the last heartbeat (driven) are refused.</summary>
    public TimeSpan FutureTolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Window size of the fold: a sample is late once the window that holds its event time has closed.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Values beyond this are refused unread.</summary>
    public int MaxRecordBytes { get; init; } = 1 << 20;

    /// <summary>VM ids of one partition beyond this many are refused: an agent that invents ids cannot fill the memory.</summary>
    public int MaxVms { get; init; } = 200_000;

    /// <summary>A source that replays another time runs at its own pace: a day ahead of its heartbeat is still a sample.</summary>
    public static IngestOptions ForDriven { get; } = new() { Driven = true, FutureTolerance = TimeSpan.FromDays(1) };

    public IEnumerable<string> Validate()
    {
        if (Grace < TimeSpan.Zero || Grace > TimeSpan.FromHours(1))
            yield return $"ingest grace {Grace}: expected 0 to 1 hour";
        if (Cadence < TimeSpan.FromSeconds(1) || Cadence > Window)
            yield return $"ingest cadence {Cadence}: expected 1 second to the window size, {Window}";
        if (FutureTolerance <= TimeSpan.Zero || FutureTolerance > TimeSpan.FromDays(7))
            yield return $"ingest future tolerance {FutureTolerance}: expected more than 0, at most 7 days";
        if (Window < TimeSpan.FromSeconds(5) || Window > TimeSpan.FromMinutes(15) || TimeSpan.FromDays(1).Ticks % Window.Ticks != 0)
            yield return $"window size {Window}: expected 5 seconds to 15 minutes, a whole number of them in a day";
        if (MaxRecordBytes is < 1024 or > 64 << 20)
            yield return $"ingest record limit {MaxRecordBytes} bytes: expected 1 KiB to 64 MiB";
        if (MaxVms is < 1 or > 10_000_000)
            yield return $"ingest VM limit {MaxVms}: expected 1 to 10,000,000";
    }
}
