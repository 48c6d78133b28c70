using System.Buffers;
using System.Runtime.InteropServices;
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
        to.Write(BitConverter.GetBytes(Count));
        for (var row = 0; row < Count; row++)
        {
            to.Write(BitConverter.GetBytes(_utf8[row].Length));
            to.Write(_utf8[row]);
        }

        to.Write(MemoryMarshal.AsBytes(_newest.AsSpan(0, Count)));
        to.Write(MemoryMarshal.AsBytes(_counterTime.AsSpan(0, Count * SampleFields.CounterCount)));
        to.Write(MemoryMarshal.AsBytes(_counter.AsSpan(0, Count * SampleFields.CounterCount)));
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var count = BitConverter.ToInt32(from);
        from = from[4..];
        for (var row = 0; row < count; row++)
        {
            var length = BitConverter.ToInt32(from);
            Append(from.Slice(4, length), StableHash.Of(from.Slice(4, length)));
            from = from[(4 + length)..];
        }

        from = Restore(from, _newest.AsSpan(0, count));
        from = Restore(from, _counterTime.AsSpan(0, count * SampleFields.CounterCount));
        Restore(from, _counter.AsSpan(0, count * SampleFields.CounterCount));
    }

    private static ReadOnlySpan<byte> Restore<T>(ReadOnlySpan<byte> from, Span<T> into)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(into);
        from[..bytes.Length].CopyTo(bytes);
        return from[bytes.Length..];
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
