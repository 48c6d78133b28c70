using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Fields 10 and 11 of <c>PoolInputs</c>: what VMs have shown between two windows.</summary>
public sealed class EvidenceColumns
{
    private uint[] _flags = [];
    private int _count;

    public List<string> VmIds { get; } = [];

    public int Count => Math.Min(VmIds.Count, _count);

    public OutlookFlags Flags(int index) => (OutlookFlags)_flags[index];

    public void Add(string vmId, OutlookFlags flags)
    {
        if (_count == _flags.Length)
            Array.Resize(ref _flags, Math.Max(16, _count * 2));
        VmIds.Add(vmId);
        _flags[_count++] = (uint)flags;
    }

    public void Clear()
    {
        VmIds.Clear();
        _count = 0;
    }

    public void Write(ProtoWriter writer)
    {
        foreach (var id in VmIds)
            writer.PresentText(10, id);
        writer.Packed<uint>(11, _flags.AsSpan(0, _count));
    }

    public void ReadFlags(ref ProtoReader reader) => reader.Packed(ref _flags, out _count);
}
