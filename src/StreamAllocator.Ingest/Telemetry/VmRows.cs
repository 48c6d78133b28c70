using System.Buffers;
using System.Text;
using System.Text.Unicode;
using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>
/// The VMs of one telemetry partition in dense arrays, found by the UTF-8 bytes of their ids: newest event time, last counters and
/// numbering of each.
/// Rows are never removed, so that a restored table numbers them alike.
/// </summary>
internal sealed class VmRows(int partitions, int maxVms)
{
    private readonly Utf8Index _index = new();
    private string[] _ids = [];
    private long[] _newest = [];
    private long[] _counterTime = [];
    private ulong[] _counter = [];
    private SampleNumbering[] _numbering = [];

    public int Count => _index.Count;

    public string Id(int row) => _ids[row];

    /// <summary>Partition of <c>vm-inputs</c> that the VM belongs to.</summary>
    public int Partition(int row) => (int)(_index.Hash(row) % (uint)partitions);

    /// <summary>Newest accepted event time of the VM, Unix milliseconds; the smallest number where there is none.</summary>
    public ref long Newest(int row) => ref _newest[row];

    /// <summary>Event time of a counter's last value; the smallest number where there is none.</summary>
    public ref long CounterTime(int row, int counter) => ref _counterTime[row * SampleFields.CounterCount + counter];

    public ref ulong Counter(int row, int counter) => ref _counter[row * SampleFields.CounterCount + counter];

    public ref SampleNumbering Numbering(int row) => ref _numbering[row];

    /// <summary>Row of a VM id; a new id gets a row. Negative: the id is not valid, or there are too many.</summary>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        var row = _index.Find(utf8);
        return row >= 0 ? row : Add(utf8);
    }

    public bool IsFull => Count >= maxVms;

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(Count);
        for (var row = 0; row < Count; row++)
            state.Array(_index[row]);
        state.Array<long>(_newest.AsSpan(0, Count));
        state.Array<long>(_counterTime.AsSpan(0, Count * SampleFields.CounterCount));
        state.Array<ulong>(_counter.AsSpan(0, Count * SampleFields.CounterCount));
        state.Array<SampleNumbering>(_numbering.AsSpan(0, Count));
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var count = state.Int64(); count > 0; count--)
            Append(state.Part());

        state.Array<long>().CopyTo(_newest, 0);
        state.Array<long>().CopyTo(_counterTime, 0);
        state.Array<ulong>().CopyTo(_counter, 0);
        state.Array<SampleNumbering>().CopyTo(_numbering, 0);
    }

    private int Add(ReadOnlySpan<byte> utf8)
    {
        var possible = !IsFull && utf8.Length is > 0 and <= Identifier.MaxLength * 4 && Utf8.IsValid(utf8);
        return possible && Identifier.IsValid(Encoding.UTF8.GetString(utf8)) ? Append(utf8) : -1;
    }

    private int Append(ReadOnlySpan<byte> utf8)
    {
        if (Count == _ids.Length)
            GrowRows(Math.Max(16, Count * 2));
        var row = _index.FindOrAdd(utf8);
        _ids[row] = Encoding.UTF8.GetString(utf8);
        _newest[row] = long.MinValue;
        _counterTime.AsSpan(row * SampleFields.CounterCount, SampleFields.CounterCount).Fill(long.MinValue);
        return row;
    }

    private void GrowRows(int rows)
    {
        Array.Resize(ref _ids, rows);
        Array.Resize(ref _newest, rows);
        Array.Resize(ref _counterTime, rows * SampleFields.CounterCount);
        Array.Resize(ref _counter, rows * SampleFields.CounterCount);
        Array.Resize(ref _numbering, rows);
    }
}
