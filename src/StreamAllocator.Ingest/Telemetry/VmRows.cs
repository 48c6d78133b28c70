using System.Buffers;
using System.Text;
using System.Text.Unicode;
using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>
/// The VMs of one telemetry partition in dense arrays, found by the UTF-8 bytes of their ids: newest event time and last counters of each.
/// Rows are never removed, so that a restored table numbers them alike.
/// </summary>
internal sealed class VmRows(int partitions, int maxVms)
{
    private int[] _slots = CreateSlots(64);
    private ulong[] _hash = [];
    private byte[][] _utf8 = [];
    private string[] _ids = [];
    private long[] _newest = [];
    private long[] _counterTime = [];
    private ulong[] _counter = [];

    public int Count { get; private set; }

    public string Id(int row) => _ids[row];

    /// <summary>Partition of <c>vm-inputs</c> that the VM belongs to.</summary>
    public int Partition(int row) => (int)(_hash[row] % (uint)partitions);

    /// <summary>Newest accepted event time of the VM, Unix milliseconds; the smallest number where there is none.</summary>
    public ref long Newest(int row) => ref _newest[row];

    /// <summary>Event time of a counter's last value; the smallest number where there is none.</summary>
    public ref long CounterTime(int row, int counter) => ref _counterTime[row * SampleFields.CounterCount + counter];

    public ref ulong Counter(int row, int counter) => ref _counter[row * SampleFields.CounterCount + counter];

    /// <summary>Row of a VM id; a new id gets a row. Negative: the id is not valid, or there are too many.</summary>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        var hash = StableHash.Of(utf8);
        var mask = _slots.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            var row = _slots[at];
            if (row < 0)
                return Add(utf8, hash);
            if (_hash[row] == hash && utf8.SequenceEqual(_utf8[row]))
                return row;
        }
    }

    public bool IsFull => Count >= maxVms;

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(Count);
        for (var row = 0; row < Count; row++)
            state.Array<byte>(_utf8[row]);
        state.Array<long>(_newest.AsSpan(0, Count));
        state.Array<long>(_counterTime.AsSpan(0, Count * SampleFields.CounterCount));
        state.Array<ulong>(_counter.AsSpan(0, Count * SampleFields.CounterCount));
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var count = state.Int64(); count > 0; count--)
        {
            var utf8 = state.Part();
            Append(utf8, StableHash.Of(utf8));
        }

        state.Array<long>().CopyTo(_newest, 0);
        state.Array<long>().CopyTo(_counterTime, 0);
        state.Array<ulong>().CopyTo(_counter, 0);
    }

    private int Add(ReadOnlySpan<byte> utf8, ulong hash)
    {
        var possible = !IsFull && utf8.Length is > 0 and <= Identifier.MaxLength * 4 && Utf8.IsValid(utf8);
        return possible && Identifier.IsValid(Encoding.UTF8.GetString(utf8)) ? Append(utf8, hash) : -1;
    }

    private int Append(ReadOnlySpan<byte> utf8, ulong hash)
    {
        if (Count == _ids.Length)
            GrowRows(Math.Max(16, Count * 2));
        if ((Count + 1) * 2 > _slots.Length)
            GrowSlots();
        var row = Count++;
        _hash[row] = hash;
        _utf8[row] = utf8.ToArray();
        _ids[row] = Encoding.UTF8.GetString(utf8);
        _newest[row] = long.MinValue;
        _counterTime.AsSpan(row * SampleFields.CounterCount, SampleFields.CounterCount).Fill(long.MinValue);
        Place(row);
        return row;
    }

    private void GrowRows(int rows)
    {
        Array.Resize(ref _hash, rows);
        Array.Resize(ref _utf8, rows);
        Array.Resize(ref _ids, rows);
        Array.Resize(ref _newest, rows);
        Array.Resize(ref _counterTime, rows * SampleFields.CounterCount);
        Array.Resize(ref _counter, rows * SampleFields.CounterCount);
    }

    private void GrowSlots()
    {
        _slots = CreateSlots(_slots.Length * 2);
        for (var row = 0; row < Count; row++)
            Place(row);
    }

    private void Place(int row)
    {
        var mask = _slots.Length - 1;
        var at = (int)_hash[row] & mask;
        while (_slots[at] >= 0)
            at = (at + 1) & mask;
        _slots[at] = row;
    }

    private static int[] CreateSlots(int length)
    {
        var slots = new int[length];
        slots.AsSpan().Fill(-1);
        return slots;
    }
}
