using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>What the executor knows of one VM: the last revision it saw, what was intended, what was read back last.</summary>
internal struct JournalEntry
{
    /// <summary>Newest revision seen, carried out or not.</summary>
    public long Revision;

    public JournalState State;

    /// <summary>Last request that began: its revision, its target, and when it was decided.</summary>
    public long RequestedRevision;
    public VmSize Requested;
    public EventTime RequestedAt;

    /// <summary>Size that the last request found.</summary>
    public VmSize Before;

    /// <summary>From here on a request that has not ended is reported as it stands.</summary>
    public EventTime Deadline;

    /// <summary>Size as published last.</summary>
    public VmSize Reported;
}

/// <summary>As wide as its neighbours, so that a saved entry has no padding.</summary>
internal enum JournalState : long
{
    /// <summary>Nothing is under way.</summary>
    Closed = 0,

    /// <summary>Begun, and not reported yet.</summary>
    Open = 1,

    /// <summary>Reported before it ended: what still comes is reported too.</summary>
    Late = 2,
}
