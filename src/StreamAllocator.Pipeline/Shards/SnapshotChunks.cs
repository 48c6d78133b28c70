namespace StreamAllocator.Pipeline.Shards;

/// <summary>A snapshot being put together from chunks that come in any order; of two in one place the later written counts.</summary>
internal sealed class SnapshotChunks
{
    private readonly int _chunkBytes;
    private readonly byte[] _bytes;
    private readonly long[] _offsets;
    private int _missing;
    private int _lastLength;

    /// <param name="next">Offset at which its task goes on.</param>
    /// <param name="chunkBytes">Size of each chunk but the last.</param>
    public SnapshotChunks(long next, int slot, int count, int chunkBytes)
    {
        Next = next;
        Slot = slot;
        _chunkBytes = chunkBytes;
        _bytes = GC.AllocateUninitializedArray<byte>(checked(count * chunkBytes));
        _offsets = new long[count];
        _offsets.AsSpan().Fill(-1);
        _missing = count;
    }

    public long Next { get; }

    public int Slot { get; }

    public bool IsWhole => _missing == 0;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, ((_offsets.Length - 1) * _chunkBytes) + _lastLength);

    /// <param name="offset">Of the record that it is.</param>
    public void Take(int index, long offset, ReadOnlySpan<byte> chunk)
    {
        if (index >= _offsets.Length || offset <= _offsets[index])
            return;
        if (_offsets[index] < 0)
            _missing--;
        _offsets[index] = offset;
        chunk.CopyTo(_bytes.AsSpan(index * _chunkBytes));
        if (index == _offsets.Length - 1)
            _lastLength = chunk.Length;
    }
}
