using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Decide;

/// <summary>Records that wait for the round of their time.</summary>
internal sealed class PendingInputs
{
    private readonly List<Pending> _waiting = [];
    private readonly List<byte[]> _taken = [];

    public void Add(EventTime time, ReadOnlySpan<byte> value) => _waiting.Add(new Pending(time, value.ToArray()));

    /// <summary>
    /// Takes out what is due, in the order of time, then of the bytes: a function of the records alone, not of the order in which sources
    /// were read. Valid until the next call.
    /// </summary>
    public IReadOnlyList<byte[]> TakeUpTo(EventTime tick)
    {
        _taken.Clear();
        _waiting.Sort(Compare);
        var due = 0;
        while (due < _waiting.Count && _waiting[due].Time <= tick)
            _taken.Add(_waiting[due++].Value);
        _waiting.RemoveRange(0, due);
        return _taken;
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_waiting.Count);
        foreach (var pending in _waiting)
        {
            state.Int64(pending.Time.UnixMilliseconds);
            state.Array<byte>(pending.Value);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var count = state.Int64(); count > 0; count--)
            _waiting.Add(new Pending(new EventTime(state.Int64()), state.Array<byte>()));
    }

    private static int Compare(Pending left, Pending right)
    {
        var byTime = left.Time.CompareTo(right.Time);
        return byTime != 0 ? byTime : left.Value.AsSpan().SequenceCompareTo(right.Value);
    }

    private readonly record struct Pending(EventTime Time, byte[] Value);
}
