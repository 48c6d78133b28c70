using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>Records packed into pooled memory: one block of bytes and one table of places, never an object a record.</summary>
public abstract class RecordArena : IDisposable
{
    private byte[] _bytes = [];
    private Place[] _places = [];
    private int _used;

    public int Count { get; private set; }

    /// <summary>Bytes of keys, headers and values held.</summary>
    public int ByteCount => _used;

    public LogRecord this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            ref readonly var place = ref _places[index];
            var bytes = _bytes.AsSpan(place.Start, place.KeyLength + place.HeadersLength + place.ValueLength);
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
        _used = 0;
    }

    public void Dispose()
    {
        Clear();
        ReturnToPool();
        GC.SuppressFinalize(this);
    }

    /// <summary>Copies a record in and returns its index.</summary>
    protected int Add(long offset, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value)
    {
        var length = key.Length + headers.Length + value.Length;
        GrowBytes(checked(_used + length));
        if (Count == _places.Length)
            GrowPlaces();
        key.CopyTo(_bytes.AsSpan(_used));
        headers.CopyTo(_bytes.AsSpan(_used + key.Length));
        value.CopyTo(_bytes.AsSpan(_used + key.Length + headers.Length));
        _places[Count] = new Place(offset, time.UnixMilliseconds, _used, key.Length, headers.Length, value.Length);
        _used += length;
        return Count++;
    }

    private void GrowBytes(int needed)
    {
        if (needed <= _bytes.Length)
            return;
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(_bytes.Length * 2, Array.MaxLength)));
        _bytes.AsSpan(0, _used).CopyTo(grown);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }

    private void GrowPlaces()
    {
        var grown = ArrayPool<Place>.Shared.Rent(Math.Max(64, _places.Length * 2));
        _places.AsSpan(0, Count).CopyTo(grown);
        if (_places.Length > 0)
            ArrayPool<Place>.Shared.Return(_places);
        _places = grown;
    }

    private void ReturnToPool()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        if (_places.Length > 0)
            ArrayPool<Place>.Shared.Return(_places);
        _bytes = [];
        _places = [];
    }

    private readonly record struct Place(long Offset, long Time, int Start, int KeyLength, int HeadersLength, int ValueLength);
}
