using System.Runtime.InteropServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>What deciding needs of the forecasts of one window, column by column; entry i is VM i. Reused; grows to the largest record.</summary>
public sealed class OutlookColumns
{
    private readonly List<string> _modelVersions = [];
    private uint[] _ages = [];
    private uint[] _flags = [];
    private float[] _levels = [];
    private float[] _dwell = [];
    private uint[] _models = [];

    public List<string> VmIds { get; } = [];

    public EventTime Origin { get; set; }

    public int Count => VmIds.Count;

    public DemandOutlook this[int index] => new(
        VmIds[index],
        Origin,
        (int)_ages[index],
        (OutlookFlags)_flags[index],
        _levels.AsSpan(index * DemandOutlook.LevelCount, DemandOutlook.LevelCount),
        _dwell.AsSpan(index * DemandOutlook.DwellCount, DemandOutlook.DwellCount),
        _modelVersions[(int)_models[index]]);

    public void Clear()
    {
        VmIds.Clear();
        _modelVersions.Clear();
    }

    /// <summary>Adds a VM; the caller fills the two spans at once.</summary>
    public void Add(string vmId, int ageWindows, OutlookFlags flags, string modelVersion, out Span<float> levels, out Span<float> dwell)
    {
        var index = VmIds.Count;
        VmIds.Add(vmId);
        if (index == _ages.Length)
            Grow(Math.Max(64, index * 2));
        _ages[index] = (uint)ageWindows;
        _flags[index] = (uint)flags;
        _models[index] = (uint)ModelIndex(modelVersion);
        levels = _levels.AsSpan(index * DemandOutlook.LevelCount, DemandOutlook.LevelCount);
        dwell = _dwell.AsSpan(index * DemandOutlook.DwellCount, DemandOutlook.DwellCount);
    }

    public void Write(ProtoWriter writer, int field)
    {
        var mark = writer.Begin(field);
        foreach (var id in VmIds)
            writer.PresentText(1, id);
        writer.Int64(2, Origin.UnixMilliseconds);
        writer.Packed<uint>(3, _ages.AsSpan(0, Count));
        writer.Packed<uint>(4, _flags.AsSpan(0, Count));
        writer.Packed<float>(5, _levels.AsSpan(0, Count * DemandOutlook.LevelCount));
        writer.Packed<float>(6, _dwell.AsSpan(0, Count * DemandOutlook.DwellCount));
        writer.Packed<uint>(7, _models.AsSpan(0, Count));
        foreach (var version in _modelVersions)
            writer.PresentText(8, version);
        writer.End(mark);
    }

    /// <summary>Replaces the content; known names allocate nothing.</summary>
    public void Read(ProtoReader reader, StringPool names)
    {
        Clear();
        Origin = default;
        var counts = (Ages: 0, Flags: 0, Levels: 0, Dwell: 0, Models: 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    VmIds.Add(names.Get(reader.Bytes()));
                    break;
                case 2:
                    Origin = new EventTime(reader.Int64());
                    break;
                case 3:
                    reader.Packed(ref _ages, out counts.Ages);
                    break;
                case 4:
                    reader.Packed(ref _flags, out counts.Flags);
                    break;
                case 5:
                    reader.Packed(ref _levels, out counts.Levels);
                    break;
                case 6:
                    reader.Packed(ref _dwell, out counts.Dwell);
                    break;
                case 7:
                    reader.Packed(ref _models, out counts.Models);
                    break;
                case 8:
                    _modelVersions.Add(names.Get(reader.Bytes()));
                    break;
            }
        }

        if (counts != (Count, Count, Count * DemandOutlook.LevelCount, Count * DemandOutlook.DwellCount, Count))
            throw new WireFormatException($"outlook columns of different lengths: expected {Count} VMs in each");
        ColumnIndices.Check(_models.AsSpan(0, Count), _modelVersions.Count, "model");
    }

    private int ModelIndex(string version)
    {
        var models = CollectionsMarshal.AsSpan(_modelVersions);
        for (var index = 0; index < models.Length; index++)
        {
            if (string.Equals(models[index], version, StringComparison.Ordinal))
                return index;
        }

        _modelVersions.Add(version);
        return models.Length;
    }

    private void Grow(int rows)
    {
        Array.Resize(ref _ages, rows);
        Array.Resize(ref _flags, rows);
        Array.Resize(ref _models, rows);
        Array.Resize(ref _levels, rows * DemandOutlook.LevelCount);
        Array.Resize(ref _dwell, rows * DemandOutlook.DwellCount);
    }
}
