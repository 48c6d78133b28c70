using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.World;

/// <summary>The newest sizes of one VM and since when it has each: as many as can matter to an interval that ended lately. State: one thread.</summary>
internal sealed class AllocationHistory
{
    private const int Kept = 8;

    private readonly Change[] _changes = new Change[Kept];
    private int _count = 1;

    public AllocationHistory(VmSize initial) => _changes[0] = new Change(EventTime.Unknown, initial);

    public VmSize Current => _changes[_count - 1].Size;

    /// <summary>True if that is another size than before.</summary>
    public bool Add(EventTime since, VmSize size)
    {
        if (size == Current)
            return false;
        if (_count == Kept)
        {
            _changes.AsSpan(1).CopyTo(_changes);
            _count--;
        }

        _changes[_count++] = new Change(since, size);
        return true;
    }

    /// <summary>Mean over <c>(end − interval, end]</c>, weighted by time: the effective allocation.</summary>
    public VmSize Mean(EventTime end, TimeSpan interval)
    {
        var start = end - interval;
        var until = end;
        var (cores, gib) = (0.0, 0.0);
        for (var at = _count - 1; at >= 0; at--)
        {
            var from = at == 0 || _changes[at].Since < start ? start : _changes[at].Since;
            if (from >= until)
                continue;
            if (from == start && until == end)
                return _changes[at].Size;
            var share = (until - from) / interval;
            cores += share * _changes[at].Size.CpuCores;
            gib += share * _changes[at].Size.MemoryGib;
            until = from;
            if (until <= start)
                break;
        }

        return new VmSize(cores, gib);
    }

    public void Save(StateWriter state) => state.Array<Change>(_changes.AsSpan(0, _count));

    public void Load(ref StateReader state)
    {
        var changes = state.Array<Change>();
        if (changes.Length is 0 or > Kept)
            throw new InvalidDataException($"state: {changes.Length} sizes of a VM: expected 1 to {Kept}");
        changes.CopyTo(_changes, 0);
        _count = changes.Length;
    }

    private readonly record struct Change(EventTime Since, VmSize Size);
}
