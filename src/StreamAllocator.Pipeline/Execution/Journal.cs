using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>One entry of fixed size per VM that a command ever reached, in order of first contact. State of the execute task: one thread.</summary>
internal sealed class Journal
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly List<(string VmId, string PoolId)> _names = [];
    private JournalEntry[] _entries = new JournalEntry[16];

    public int Count => _names.Count;

    public ref JournalEntry this[int index] => ref _entries[index];

    public string VmId(int index) => _names[index].VmId;

    public string PoolId(int index) => _names[index].PoolId;

    /// <summary>Revision seen last; 0 for a VM that no command ever reached.</summary>
    public long Revision(string vmId) => _index.TryGetValue(vmId, out var index) ? _entries[index].Revision : 0;

    public int IndexOf(string vmId, string poolId)
    {
        if (!_index.TryGetValue(vmId, out var index))
            index = Add(vmId, poolId);
        else if (_names[index].PoolId != poolId)
            _names[index] = (_names[index].VmId, poolId);
        return index;
    }

    public void Save(StateWriter state)
    {
        state.Int64(Count);
        for (var index = 0; index < Count; index++)
        {
            state.Text(VmId(index));
            state.Text(PoolId(index));
        }

        state.Array<JournalEntry>(_entries.AsSpan(0, Count));
    }

    public void Load(ref StateReader state)
    {
        for (var count = state.Int64(); count > 0; count--)
            Add(state.Text(), state.Text());
        var entries = state.Array<JournalEntry>();
        if (entries.Length != Count)
            throw new InvalidDataException($"state: {entries.Length} journal entries: expected {Count}");
        entries.CopyTo(_entries, 0);
    }

    private int Add(string vmId, string poolId)
    {
        var index = Count;
        if (index == _entries.Length)
            Array.Resize(ref _entries, index * 2);
        _index.Add(vmId, index);
        _names.Add((vmId, poolId));
        return index;
    }
}
