using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>
/// Carries commands out, each once, in order, while it still holds: own run, newest fence, newer revision, not expired, the size that the
/// decision took for granted. Then reads back until the request has ended or its deadline has passed, and says what really happened.
/// State: one thread.
/// </summary>
internal sealed class Executor(ExecuteOptions options, IHypervisor hypervisor, AllocationWriter allocations)
{
    private readonly Journal _journal = new();
    private long _fence;

    /// <summary>Everything from before it has been published: no read-back may be dated earlier.</summary>
    public EventTime Ticked { get; set; } = EventTime.Unknown;

    public void Begin(ResizeCommand command, EventTime now, OutputBatch outputs)
    {
        if (command.RunId != options.RunId)
            RefuseUnread(command, RefusalCause.ForeignRun, $"run '{command.RunId}': expected '{options.RunId}'", now, outputs);
        else if (command.Fence < _fence)
            RefuseUnread(command, RefusalCause.StaleFence, FormattableString.Invariant($"fence {command.Fence}: expected {_fence}"), now, outputs);
        else if (command.Revision <= _journal.Revision(command.VmId))
            RefuseUnread(command, RefusalCause.StaleRevision, Older(command), now, outputs);
        else
            BeginNewer(command, now, outputs);
    }

    public void ReadBack(EventTime now, OutputBatch outputs)
    {
        for (var index = 0; index < _journal.Count; index++)
        {
            ref var entry = ref _journal[index];
            if (!hypervisor.TryRead(_journal.VmId(index), out var reading))
                ReportGone(index, ref entry, now, outputs);
            else if (entry.State == JournalState.Open)
                ReportEnd(index, ref entry, reading, now, outputs);
            else if (entry.State == JournalState.Late)
                ReportLate(index, ref entry, reading, now, outputs);
            else if (reading.Size != entry.Reported)
                ReportForeignChange(index, ref entry, reading, now, outputs);
        }
    }

    /// <summary>Takes over what was published since the state was saved: those who read it know of it.</summary>
    public void Recall(Allocation published)
    {
        hypervisor.Recall(published);
        ref var entry = ref _journal[_journal.IndexOf(published.VmId, published.PoolId)];
        entry.Revision = Math.Max(entry.Revision, published.Revision);
        entry.Reported = published.Observed;
        if (published.Revision == 0 || published.Outcome is AllocationOutcome.Refused or AllocationOutcome.Expired or AllocationOutcome.DryRun)
            return;
        entry.RequestedRevision = published.Revision;
        entry.Requested = published.Requested;
        entry.RequestedAt = published.RequestedAt;
        entry.Before = published.Observed;
        entry.State = published.Outcome == AllocationOutcome.Applied ? JournalState.Closed : JournalState.Late;
    }

    /// <summary>A command that is folded again, and was answered the first time.</summary>
    public void PassOver(ResizeCommand command) => _fence = Math.Max(_fence, command.Fence);

    public void Save(StateWriter state)
    {
        state.Int64(_fence);
        state.Int64(Ticked.UnixMilliseconds);
        _journal.Save(state);
    }

    public void Load(ref StateReader state)
    {
        _fence = state.Int64();
        Ticked = new EventTime(state.Int64());
        _journal.Load(ref state);
    }

    private void BeginNewer(ResizeCommand command, EventTime now, OutputBatch outputs)
    {
        _fence = command.Fence;
        if (!hypervisor.TryFind(command, out var reading))
        {
            // Nothing was read: the size stays what the decision took it for.
            Answer(command, RefusalCause.UnknownVm, "", command.Expected, now, outputs);
            return;
        }

        var index = _journal.IndexOf(command.VmId, command.PoolId);
        ref var entry = ref _journal[index];
        if (entry.Revision == 0)
            entry.Reported = reading.Size;
        entry.Revision = command.Revision;
        if (now >= command.Expiry)
            Answer(command, AllocationOutcome.Expired, reading, now, $"at {now}, expiry {command.Expiry}", ref entry, outputs);
        else if (reading.Settled && reading.IsAt(command.Target) && reading.HostId == HostAfter(command, reading))
            Answer(command, AllocationOutcome.Applied, reading, now, "had this size already", ref entry, outputs);
        else if (!reading.IsAt(command.Expected))
            Answer(command, RefusalCause.UnexpectedSize, Unexpected(command, reading), reading, now, ref entry, outputs);
        else
            Ask(index, command, reading, now, ref entry, outputs);
    }

    private void Ask(int index, ResizeCommand command, in VmReading reading, EventTime now, ref JournalEntry entry, OutputBatch outputs)
    {
        if (entry.State == JournalState.Open)
            Report(index, ref entry, reading, AllocationOutcome.Failed, now, "superseded before it ended", outputs);
        var answer = hypervisor.Resize(command, now);
        if (!answer.Begun)
        {
            entry.State = JournalState.Closed;
            Answer(
                command, answer.IsDryRun ? AllocationOutcome.DryRun : AllocationOutcome.Failed, reading, now, answer.Detail, ref entry, outputs);
            return;
        }

        entry.State = JournalState.Open;
        entry.RequestedRevision = command.Revision;
        entry.Requested = command.Target;
        entry.RequestedAt = command.Issued;
        entry.Before = reading.Size;
        entry.Deadline = now + options.Cadence;
    }

    private void ReportEnd(int index, ref JournalEntry entry, in VmReading reading, EventTime now, OutputBatch outputs)
    {
        var arrived = reading.IsAt(entry.Requested);
        if (!reading.Settled && now < entry.Deadline)
            return;
        entry.State = reading.Settled ? JournalState.Closed : JournalState.Late;
        Report(index, ref entry, reading, Outcome(entry, reading, arrived), At(reading, entry.RequestedAt, now), reading.Detail, outputs);
    }

    private void ReportLate(int index, ref JournalEntry entry, in VmReading reading, EventTime now, OutputBatch outputs)
    {
        if (reading.Settled)
            entry.State = JournalState.Closed;
        if (reading.Size == entry.Reported)
            return;
        var outcome = Outcome(entry, reading, reading.IsAt(entry.Requested));
        Report(index, ref entry, reading, outcome, At(reading, entry.RequestedAt, now), reading.Detail, outputs);
    }

    /// <summary>Somebody else resized the VM: that is no answer to a revision.</summary>
    private void ReportForeignChange(int index, ref JournalEntry entry, in VmReading reading, EventTime now, OutputBatch outputs)
    {
        entry.Reported = reading.Size;
        var at = At(reading, Ticked, now);
        allocations.Add(
            new Allocation(
                _journal.VmId(index), _journal.PoolId(index), 0, reading.Size, reading.Size, AllocationOutcome.Applied, reading.HostId, at, at,
                RefusalCause.None, "changed from outside"),
            outputs);
    }

    private void ReportGone(int index, ref JournalEntry entry, EventTime now, OutputBatch outputs)
    {
        if (entry.State == JournalState.Open)
            Report(index, ref entry, new VmReading(entry.Reported, default, "", true, now), AllocationOutcome.Failed, now, "the VM is gone", outputs);
        entry.State = JournalState.Closed;
    }

    private void Report(
        int index, ref JournalEntry entry, in VmReading reading, AllocationOutcome outcome, EventTime at, string detail, OutputBatch outputs)
    {
        entry.Reported = reading.Size;
        allocations.Add(
            new Allocation(
                _journal.VmId(index), _journal.PoolId(index), entry.RequestedRevision, entry.Requested, reading.Size, outcome, reading.HostId,
                entry.RequestedAt, at, RefusalCause.None, detail),
            outputs);
    }

    private void Answer(
        ResizeCommand command, AllocationOutcome outcome, in VmReading reading, EventTime now, string detail, ref JournalEntry entry, OutputBatch outputs)
    {
        entry.Reported = reading.Size;
        allocations.Add(
            new Allocation(
                command.VmId, command.PoolId, command.Revision, command.Target, reading.Size, outcome, reading.HostId, command.Issued,
                NotBefore(now, command.Issued), RefusalCause.None, detail),
            outputs);
    }

    private void Answer(
        ResizeCommand command, RefusalCause cause, string detail, in VmReading reading, EventTime now, ref JournalEntry entry, OutputBatch outputs)
    {
        entry.Reported = reading.Size;
        Answer(command, cause, detail, reading.Size, now, outputs, reading.HostId);
    }

    private void RefuseUnread(ResizeCommand command, RefusalCause cause, string detail, EventTime now, OutputBatch outputs)
    {
        if (hypervisor.TryRead(command.VmId, out var reading))
            Answer(command, cause, detail, reading.Size, now, outputs, reading.HostId);
        else
            Answer(command, cause, detail, command.Expected, now, outputs);
    }

    private void Answer(
        ResizeCommand command, RefusalCause cause, string detail, VmSize observed, EventTime now, OutputBatch outputs, string hostId = "") =>
        allocations.Add(
            new Allocation(
                command.VmId, command.PoolId, command.Revision, command.Target, observed, AllocationOutcome.Refused, hostId, command.Issued,
                NotBefore(now, command.Issued), cause, detail),
            outputs);

    private static AllocationOutcome Outcome(in JournalEntry entry, in VmReading reading, bool arrived) =>
        arrived ? AllocationOutcome.Applied : reading.Size != entry.Before ? AllocationOutcome.Partial : AllocationOutcome.Failed;

    /// <summary>When the size became what it is, as far as that is known, but never before what has been said already.</summary>
    private EventTime At(in VmReading reading, EventTime requestedAt, EventTime now)
    {
        var floor = NotBefore(requestedAt, Ticked);
        return reading.ChangedAt >= floor && reading.ChangedAt <= now ? reading.ChangedAt : NotBefore(now, floor);
    }

    private static EventTime NotBefore(EventTime time, EventTime earliest) => time > earliest ? time : earliest;

    private static string HostAfter(ResizeCommand command, in VmReading reading) =>
        command.Placement.Length == 0 ? reading.HostId : command.Placement;

    private string Older(ResizeCommand command) =>
        FormattableString.Invariant($"revision {command.Revision}: expected more than {_journal.Revision(command.VmId)}");

    private static string Unexpected(ResizeCommand command, in VmReading reading) => $"found {reading.Size}, expected {command.Expected}";
}
