using System.Text;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Traces;

/// <summary>
/// Interns identifiers to dense indices 0, 1, 2, … in order of first appearance. A lookup by UTF-8 bytes allocates nothing. State:
/// touched by one thread.
/// </summary>
public sealed class VmNames
{
    private readonly List<string> _names = [];
    private readonly List<byte[]> _bytes = [];
    private int[] _slots = new int[256];

    public int Count => _names.Count;

    public string this[int index] => _names[index];

    /// <summary>Index of the identifier, new if it was not known; −1 if it is not <see cref="Identifier.Expected"/>.</summary>
    public int Intern(ReadOnlySpan<byte> utf8)
    {
        var slot = FindSlot(utf8);
        if (_slots[slot] != 0)
            return _slots[slot] - 1;
        var name = Encoding.UTF8.GetString(utf8);
        if (!Identifier.IsValid(name))
            return -1;
        _names.Add(name);
        _bytes.Add(utf8.ToArray());
        _slots[slot] = _names.Count;
        if (_names.Count * 2 > _slots.Length)
            Grow();
        return _names.Count - 1;
    }

    /// <summary>Open addressing with linear probing; a slot holds index + 1, 0 is free.</summary>
    private int FindSlot(ReadOnlySpan<byte> utf8)
    {
        var mask = _slots.Length - 1;
        var slot = (int)StableHash.Of(utf8) & mask;
        while (_slots[slot] != 0 && !utf8.SequenceEqual(_bytes[_slots[slot] - 1]))
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var index = 0; index < _bytes.Count; index++)
            _slots[FindSlot(_bytes[index])] = index + 1;
    }
}
