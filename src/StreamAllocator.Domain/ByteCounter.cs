using System.Buffers;

namespace StreamAllocator.Domain;

/// <summary>Counts what is written and keeps none of it: the length of a state before there is a place for it.</summary>
public sealed class ByteCounter : IBufferWriter<byte>
{
    private const int ScratchBytes = 16 << 10;

    private byte[] _scratch = new byte[ScratchBytes];

    private long Count { get; set; }

    /// <summary>Bytes that saving writes.</summary>
    public static long Of(Action<IBufferWriter<byte>> save)
    {
        var counter = new ByteCounter();
        save(counter);
        return counter.Count;
    }

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (sizeHint > _scratch.Length)
            _scratch = new byte[sizeHint];
        return _scratch;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
