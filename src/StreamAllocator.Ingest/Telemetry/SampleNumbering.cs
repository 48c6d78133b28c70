namespace StreamAllocator.Ingest.Telemetry;

/// <summary>
/// How far a source's numbers of one VM have come: of each VM the newest source is remembered, so the state is bounded by the VMs and nothing
/// has to be forgotten by time. Sources publish in order, and again what they do not know to have arrived.
/// </summary>
/// <param name="Source">As <see cref="TelemetryFrame.Source"/>.</param>
/// <param name="Last">Newest number seen.</param>
/// <param name="NewestTime">Newest event time seen under the source, Unix milliseconds.</param>
internal readonly record struct SampleNumbering(ulong Source, ulong Last, long NewestTime)
{
    /// <summary>
    /// Seen before. A number that comes again with a later time than any is another sample: the source was put back to an earlier state
    /// (a virtual machine to its snapshot) and numbers anew what it measures.
    /// </summary>
    public bool HasSeen(ulong source, ulong number, long eventTime) => source == Source && number <= Last && eventTime <= NewestTime;

    /// <summary>How many numbers are missing before this one: what the source had to give up. Of a source that is new nothing is known.</summary>
    public long MissingBefore(ulong source, ulong number) => source == Source && number > Last ? (long)(number - Last - 1) : 0;

    public SampleNumbering After(ulong source, ulong number, long eventTime) =>
        new(source, number, source == Source ? Math.Max(NewestTime, eventTime) : eventTime);
}
