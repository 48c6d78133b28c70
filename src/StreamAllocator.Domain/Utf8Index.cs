using System.Buffers;

namespace StreamAllocator.Domain;

/// <summary>
/// Numbers texts from 0 on in the order in which they first came, found by their UTF-8 bytes without decoding them. Open addressing over one
/// block of bytes, so that a text costs no object; none is ever removed. Belongs to one thread.
/// </summary>
public sealed class Utf8Index
{
    private int[] _slots = CreateSlots(64);
    private ulong[] _hashes = [];
    private int[] _ends = [];
    private byte[] _bytes = [];

    /// <summary>Texts held.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int number] => _bytes.AsSpan(Start(number), _ends[number] - Start(number));

    /// <summary><see cref="StableHash.Of(ReadOnlySpan{byte})"/> of a text.</summary>
    public ulong Hash(int number) => _hashes[number];

    /// <summary>Negative where it is not held.</summary>
    public int Find(ReadOnlySpan<byte> utf8) => Find(utf8, StableHash.Of(utf8), out _);

    /// <summary>The number of a text; a new one gets the next.</summary>
    public int FindOrAdd(ReadOnlySpan<byte> utf8)
    {
        var hash = StableHash.Of(utf8);
        var number = Find(utf8, hash, out var slot);
        if (number >= 0)
            return number;
        Append(utf8, hash);
        if (Count * 2 > _slots.Length)
            GrowSlots();
        else
            _slots[slot] = Count - 1;
        return Count - 1;
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Array<int>(_ends.AsSpan(0, Count));
        state.Array<byte>(_bytes.AsSpan(0, Start(Count)));
    }

    /// <summary>Into an index that holds nothing yet.</summary>
    /// <exception cref="InvalidDataException">The bytes end early, or the ends do not fit them; nothing is guessed.</exception>
    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        var ends = state.Array<int>();
        var bytes = state.Array<byte>();
        var start = 0;
        foreach (var end in ends)
        {
            if (end < start || end > bytes.Length)
                throw new InvalidDataException($"state: a text from {start} to {end} of {bytes.Length} bytes");
            FindOrAdd(bytes.AsSpan(start, end - start));
            start = end;
        }
    }

    private int Start(int number) => number == 0 ? 0 : _ends[number - 1];

    private int Find(ReadOnlySpan<byte> utf8, ulong hash, out int slot)
    {
        var mask = _slots.Length - 1;
        for (slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            var number = _slots[slot];
            if (number < 0 || (_hashes[number] == hash && utf8.SequenceEqual(this[number])))
                return number;
        }
    }

    private void Append(ReadOnlySpan<byte> utf8, ulong hash)
    {
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Math.Max(16, Count * 2));
            Array.Resize(ref _hashes, _ends.Length);
        }

        var start = Start(Count);
        if (start + utf8.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(start + utf8.Length, _bytes.Length * 2));
        utf8.CopyTo(_bytes.AsSpan(start));
        _hashes[Count] = hash;
        _ends[Count++] = start + utf8.Length;
    }

    private void GrowSlots()
    {
        _slots = CreateSlots(_slots.Length * 2);
        var mask = _slots.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var slot = (int)_hashes[number] & mask;
            while (_slots[slot] >= 0)
                slot = (slot + 1) & mask;
            _slots[slot] = number;
        }
    }

    private static int[] CreateSlots(int length)
    {
        var slots = new int[length];
        slots.AsSpan().Fill(-1);
        return slots;
    }
}
