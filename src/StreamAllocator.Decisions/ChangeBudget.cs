using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>The pool's rate limit: a bucket of changes that holds one hour's worth and refills evenly in event time.</summary>
internal struct ChangeBudget
{
    /// <summary>Changes left; the first refill fills it.</summary>
    public double Left;

    public long RefilledMs;
    private double _size;

    public static ChangeBudget Full => new() { RefilledMs = VmState.Never };

    public void Refill(EventTime tick, int vms, DecisionOptions options)
    {
        _size = Math.Max(options.MinChangesPerHour, options.MaxChangesPerVmHour * vms);
        if (RefilledMs == VmState.Never)
            Left = _size;
        else if (tick.UnixMilliseconds > RefilledMs)
            Left = Math.Min(_size, Left + _size * ((tick.UnixMilliseconds - RefilledMs) / 3_600_000.0));
        RefilledMs = Math.Max(RefilledMs, tick.UnixMilliseconds);
    }

    /// <summary>Whether one more change fits. Decreases leave a share of the bucket to increases.</summary>
    public readonly bool Allows(bool up, DecisionOptions options) => Left >= 1 && (up || Left - 1 >= options.ChangesKeptForUps * _size);

    public void Take() => Left--;
}
