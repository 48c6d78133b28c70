using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>
/// Records packed into pooled memory: blocks of bytes and one table of places, never an object a record. Blocks neither move nor are copied
/// while they fill, and go back to the pool when the arena is cleared, so that many arenas of which few are full at a time share them.
/// </summary>
public abstract class RecordArena : IDisposable
{
    private const int SmallestBlock = 4 << 10;
    private const int LargestBlock = 1 << 20;

    /// <summary>A window's close can fill hundreds of them, which the next close wants again.</summary>
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(LargestBlock, maxArraysPerBucket: 256);

    private readonly List<byte[]> _blocks = [];
    private byte[] _block = [];
    private Place[] _places = [];
    private int _used;

    public int Count { get; private set; }

    /// <summary>Bytes of keys, headers and values held.</summary>
    public long ByteCount { get; private set; }

    public LogRecord this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            ref readonly var place = ref _places[index];
            var bytes = _blocks[place.Block].AsSpan(place.Start, place.KeyLength + place.HeadersLength + place.ValueLength);
            return new LogRecord(
                place.Offset,
                new EventTime(place.Time),
                bytes[..place.KeyLength],
                bytes.Slice(place.KeyLength, place.HeadersLength),
                bytes[(place.KeyLength + place.HeadersLength)..]);
        }
    }

    public virtual void Clear()
    {
        Count = 0;
        ByteCount = 0;
        ReturnBlocks(keep: 1);
    }

    public void Dispose()
    {
        Count = 0;
        ByteCount = 0;
        ReturnBlocks(keep: 0);
        if (_places.Length > 0)
            ArrayPool<Place>.Shared.Return(_places);
        _places = [];
        GC.SuppressFinalize(this);
    }

    /// <summary>Copies a record in and returns its index.</summary>
    protected int Add(long offset, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value)
    {
        var length = checked(key.Length + headers.Length + value.Length);
        if (length > _block.Length - _used || _blocks.Count == 0)
            Grow(length);
        if (Count == _places.Length)
            GrowPlaces();
        var free = _block.AsSpan(_used);
        key.CopyTo(free);
        headers.CopyTo(free[key.Length..]);
        value.CopyTo(free[(key.Length + headers.Length)..]);
        _places[Count] = new Place(offset, time.UnixMilliseconds, _blocks.Count - 1, _used, key.Length, headers.Length, value.Length);
        _used += length;
        ByteCount += length;
        return Count++;
    }

    /// <summary>A record that is larger than a block has one of its own.</summary>
    private void Grow(int needed)
    {
        var size = Math.Clamp(_block.Length * 2, SmallestBlock, LargestBlock);
        _block = PoolOf(needed).Rent(Math.Max(needed, size));
        _blocks.Add(_block);
        _used = 0;
    }

    private static ArrayPool<byte> PoolOf(int length) => length > LargestBlock ? ArrayPool<byte>.Shared : Pool;

    private void GrowPlaces()
    {
        var grown = ArrayPool<Place>.Shared.Rent(Math.Max(64, _places.Length * 2));
        _places.AsSpan(0, Count).CopyTo(grown);
        if (_places.Length > 0)
            ArrayPool<Place>.Shared.Return(_places);
        _places = grown;
    }

    /// <summary>All but the first so many; one that a single large record made is never kept.</summary>
    private void ReturnBlocks(int keep)
    {
        if (_blocks.Count > 0 && _blocks[0].Length > LargestBlock)
            keep = 0;
        for (var block = _blocks.Count - 1; block >= keep; block--)
        {
            PoolOf(_blocks[block].Length).Return(_blocks[block]);
            _blocks.RemoveAt(block);
        }

        _block = _blocks.Count > 0 ? _blocks[0] : [];
        _used = 0;
    }

    private readonly record struct Place(long Offset, long Time, int Block, int Start, int KeyLength, int HeadersLength, int ValueLength);
}
