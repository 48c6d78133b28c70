using System.Text;

namespace StreamAllocator.Backtest.Traces;

/// <summary>The unit that each series of the generic layout states, held from its first row. State: touched by one thread.</summary>
public sealed class SeriesUnits
{
    private const int MaxUnitBytes = 40;

    private readonly List<byte[]?> _units = [];

    /// <summary>Unit of a series as its rows state it; empty for a VM of the other layouts.</summary>
    public string this[int vm] => vm < _units.Count && _units[vm] is { } unit ? Encoding.UTF8.GetString(unit) : "";

    internal bool Agrees(int vm, ReadOnlySpan<byte> unit)
    {
        while (_units.Count <= vm)
            _units.Add(null);
        if (_units[vm] is { } known)
            return unit.SequenceEqual(known);
        if (unit.Length > MaxUnitBytes)
            return false;
        _units[vm] = unit.ToArray();
        return true;
    }
}
