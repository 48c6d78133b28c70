using System.Buffers;
using System.Security.Cryptography;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>Takes the next block; it is reused after the call.</summary>
public delegate void BlockSink(ReadOnlySpan<byte> block);

/// <summary>What is written comes out in blocks of one size; the SHA-256 of it all stands at the end.</summary>
internal sealed class HashedBlocks(int blockBytes, BlockSink emit) : IBufferWriter<byte>, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _block = new byte[blockBytes];
    private byte[] _aside = [];
    private bool _isAside;
    private int _filled;
    private int _hashed;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_filled == _block.Length)
            Emit();
        _isAside = sizeHint > _block.Length - _filled;
        if (!_isAside)
            return _block.AsMemory(_filled);

        // It must lie in one piece, and the block ends before.
        if (_aside.Length < sizeHint)
            _aside = new byte[sizeHint];
        return _aside;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        if (_isAside)
            Append(_aside.AsSpan(0, count));
        else
            _filled += count;
    }

    public void Finish()
    {
        Hash();
        Append(_hash.GetHashAndReset());
        if (_filled > 0)
            emit(_block.AsSpan(0, _filled));
    }

    public void Dispose() => _hash.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_filled == _block.Length)
                Emit();
            var fits = Math.Min(bytes.Length, _block.Length - _filled);
            bytes[..fits].CopyTo(_block.AsSpan(_filled));
            _filled += fits;
            bytes = bytes[fits..];
        }
    }

    private void Emit()
    {
        Hash();
        emit(_block.AsSpan(0, _filled));
        _filled = _hashed = 0;
    }

    private void Hash()
    {
        _hash.AppendData(_block.AsSpan(_hashed, _filled - _hashed));
        _hashed = _filled;
    }
}
