using System.Diagnostics.CodeAnalysis;
using StreamAllocator.Domain;
using StreamAllocator.Server.Contract;

namespace StreamAllocator.Server.Views;

/// <summary>
/// The newest requests and their answers, at most <paramref name="capacity"/>. Topics are read side by side, so an answer may be seen before its
/// question. Guarded by the gate of <see cref="FleetView"/>.
/// </summary>
internal sealed class RequestBook(int capacity)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly Dictionary<(string VmId, long Revision), Entry> _waiting = [];

    public void Add(ControlRequest request) => Of(request.RequestId).Request ??= request;

    public bool TryFind(string requestId, [NotNullWhen(true)] out ControlRequest? request)
    {
        request = _entries.GetValueOrDefault(requestId)?.Request;
        return request is not null;
    }

    /// <summary>
    /// The first decision that names a request answers it, unless it says only that an earlier command is in flight; one that carries a command
    /// replaces one that does not (denied first, granted later).
    /// </summary>
    public void Answer(Decision decision, Allocation? newest)
    {
        if (decision.RequestId.Length == 0)
            return;
        var entry = Of(decision.RequestId);
        if (entry.Decision is { } before && before.Reason != DecisionReason.InFlight && (HasCommand(before) || !HasCommand(decision)))
            return;
        entry.Decision = decision;
        if (!HasCommand(decision))
            return;
        if (newest is not null && newest.Revision >= decision.Revision)
            entry.Close(newest.Revision == decision.Revision ? newest : null);
        else
            _waiting[(decision.VmId, decision.Revision)] = entry;
    }

    public void Observe(Allocation allocation)
    {
        if (_waiting.Remove((allocation.VmId, allocation.Revision), out var entry))
            entry.Close(allocation);
    }

    public RequestAnswer? Find(string requestId) =>
        _entries.TryGetValue(requestId, out var entry) && entry.Request is { } request ? Answer(request, entry) : null;

    private static bool HasCommand(Decision decision) => decision.Target != decision.Allocated;

    private static RequestAnswer Answer(ControlRequest request, Entry entry)
    {
        var (kind, size, hold) = request switch
        {
            AdjustRequest adjust => (RequestKindAnswer.Adjust, SizeAnswer.Of(adjust.Size), (TimeSpan?)adjust.HoldFor),
            HoldRequest asked => (RequestKindAnswer.Hold, null, asked.HoldFor),
            ReleaseRequest => (RequestKindAnswer.Release, (SizeAnswer?)null, (TimeSpan?)null),
            RollbackRequest => (RequestKindAnswer.Rollback, null, null),
            _ => throw new ArgumentOutOfRangeException(nameof(request), request, "not a request of the closed set"),
        };
        var status = entry.Decision is not { } decision || decision.Reason == DecisionReason.InFlight
            ? RequestStatus.Accepted
            : HasCommand(decision) && !entry.Closed ? RequestStatus.Decided : RequestStatus.Completed;
        return new RequestAnswer(
            request.RequestId,
            kind,
            status,
            Json.Text(request.VmId),
            Json.Text(request.PoolId),
            request.RequestedBy,
            Json.Time(request.EventTime),
            size,
            hold?.TotalSeconds,
            entry.Decision is null ? null : DecisionAnswer.Of(entry.Decision),
            entry.Allocation is null ? null : AllocationAnswer.Of(entry.Allocation));
    }

    private Entry Of(string requestId)
    {
        if (_entries.TryGetValue(requestId, out var entry))
            return entry;
        if (_order.Count == capacity && _entries.Remove(_order.Dequeue(), out var oldest) && oldest.Decision is { } decision)
            _waiting.Remove((decision.VmId, decision.Revision));
        _entries.Add(requestId, entry = new Entry());
        _order.Enqueue(requestId);
        return entry;
    }

    private sealed class Entry
    {
        public ControlRequest? Request { get; set; }

        public Decision? Decision { get; set; }

        public Allocation? Allocation { get; private set; }

        public bool Closed { get; private set; }

        public void Close(Allocation? allocation)
        {
            Allocation = allocation;
            Closed = true;
        }
    }
}
