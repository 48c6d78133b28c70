using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Samples of many VMs column by column: entry i of each column is sample i; NaN is missing. Reused; grows to the largest record.</summary>
public sealed class SampleColumns
{
    private readonly Dictionary<string, int> _vmIndex = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _metricIndex = new(StringComparer.Ordinal);
    private uint[] _vm = [];
    private long[] _time = [];
    private readonly float[][] _values = [.. Enumerable.Repeat(Array.Empty<float>(), ValueCount)];
    private long[] _offset = [];
    private uint[] _metricSample = [];
    private uint[] _metricName = [];
    private float[] _metricValue = [];

    /// <summary>CPU mean, CPU max, memory, disk, network, CPU allocated, memory allocated, throttled ratio.</summary>
    public const int ValueCount = 8;

    public List<string> VmIds { get; } = [];

    public List<string> MetricNames { get; } = [];

    public int SourcePartition { get; set; }

    public int Count { get; private set; }

    public int MetricCount { get; private set; }

    public ReadOnlySpan<uint> Vm => _vm.AsSpan(0, Count);

    /// <summary>End of the interval, Unix milliseconds.</summary>
    public ReadOnlySpan<long> Time => _time.AsSpan(0, Count);

    public ReadOnlySpan<long> SourceOffset => _offset.AsSpan(0, Count);

    public ReadOnlySpan<uint> MetricSample => _metricSample.AsSpan(0, MetricCount);

    public ReadOnlySpan<uint> MetricName => _metricName.AsSpan(0, MetricCount);

    public ReadOnlySpan<float> MetricValue => _metricValue.AsSpan(0, MetricCount);

    public ReadOnlySpan<float> Values(int column) => _values[column].AsSpan(0, Count);

    public void Clear()
    {
        VmIds.Clear();
        MetricNames.Clear();
        _vmIndex.Clear();
        _metricIndex.Clear();
        Count = 0;
        MetricCount = 0;
    }

    /// <summary>Adds a sample; <paramref name="values"/> in the order of <see cref="ValueCount"/>.</summary>
    public void Add(string vmId, EventTime time, ReadOnlySpan<float> values, long sourceOffset)
    {
        if (Count == _vm.Length)
            GrowSamples(Math.Max(256, Count * 2));
        _vm[Count] = (uint)IndexOf(vmId, _vmIndex, VmIds);
        _time[Count] = time.UnixMilliseconds;
        for (var column = 0; column < ValueCount; column++)
            _values[column][Count] = values[column];
        _offset[Count] = sourceOffset;
        Count++;
    }

    /// <summary>Adds an application metric to the newest sample.</summary>
    public void AddMetric(string name, float value)
    {
        if (MetricCount == _metricSample.Length)
        {
            var size = Math.Max(64, MetricCount * 2);
            Array.Resize(ref _metricSample, size);
            Array.Resize(ref _metricName, size);
            Array.Resize(ref _metricValue, size);
        }

        _metricSample[MetricCount] = (uint)(Count - 1);
        _metricName[MetricCount] = (uint)IndexOf(name, _metricIndex, MetricNames);
        _metricValue[MetricCount] = value;
        MetricCount++;
    }

    public void Write(ProtoWriter writer, int field)
    {
        var mark = writer.Begin(field);
        foreach (var id in VmIds)
            writer.PresentText(1, id);
        writer.Packed(2, Vm);
        writer.Packed(3, Time);
        for (var column = 0; column < ValueCount; column++)
            writer.Packed(4 + column, Values(column));
        foreach (var name in MetricNames)
            writer.PresentText(12, name);
        writer.Packed(13, MetricSample);
        writer.Packed(14, MetricName);
        writer.Packed(15, MetricValue);
        writer.Int64(16, SourcePartition);
        writer.Packed(17, SourceOffset);
        writer.End(mark);
    }

    /// <summary>Replaces the content. VM ids and metric names are taken from <paramref name="names"/>, so that known ones allocate nothing.</summary>
    public void Read(ProtoReader reader, StringPool names)
    {
        Clear();
        SourcePartition = 0;
        var counts = (Vm: 0, Time: 0, Offset: 0, Sample: 0, Name: 0, Value: 0);
        Span<int> values = stackalloc int[ValueCount];
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    VmIds.Add(names.Get(reader.Bytes()));
                    break;
                case 2:
                    reader.Packed(ref _vm, out counts.Vm);
                    break;
                case 3:
                    reader.Packed(ref _time, out counts.Time);
                    break;
                case >= 4 and < 4 + ValueCount:
                    reader.Packed(ref _values[reader.Field - 4], out values[reader.Field - 4]);
                    break;
                case 12:
                    MetricNames.Add(names.Get(reader.Bytes()));
                    break;
                case 13:
                    reader.Packed(ref _metricSample, out counts.Sample);
                    break;
                case 14:
                    reader.Packed(ref _metricName, out counts.Name);
                    break;
                case 15:
                    reader.Packed(ref _metricValue, out counts.Value);
                    break;
                case 16:
                    SourcePartition = reader.Int32();
                    break;
                case 17:
                    reader.Packed(ref _offset, out counts.Offset);
                    break;
            }
        }

        Count = counts.Vm;
        MetricCount = counts.Sample;
        var even = counts.Time == Count && counts.Offset == Count && counts.Name == MetricCount && counts.Value == MetricCount;
        foreach (var count in values)
            even &= count == Count;
        if (!even)
            throw new WireFormatException($"sample columns of different lengths: expected {Count} samples and {MetricCount} metrics in each");
        ColumnIndices.Check(Vm, VmIds.Count, "vm");
        ColumnIndices.Check(MetricName, MetricNames.Count, "metric name");
        ColumnIndices.Check(MetricSample, Count, "metric sample");
    }

    private static int IndexOf(string name, Dictionary<string, int> index, List<string> names)
    {
        if (!index.TryGetValue(name, out var found))
        {
            found = names.Count;
            index.Add(name, found);
            names.Add(name);
        }

        return found;
    }

    private void GrowSamples(int size)
    {
        Array.Resize(ref _vm, size);
        Array.Resize(ref _time, size);
        Array.Resize(ref _offset, size);
        for (var column = 0; column < ValueCount; column++)
            Array.Resize(ref _values[column], size);
    }
}
