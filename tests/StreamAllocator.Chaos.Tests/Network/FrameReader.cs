using System.Buffers.Binary;
using System.Net.Sockets;

namespace StreamAllocator.Chaos.Tests.Network;

/// <summary>Takes what a socket receives apart into Kafka's frames: four bytes of length, then as many bytes.</summary>
internal sealed class FrameReader(Socket socket)
{
    private const int LengthBytes = 4;

    private byte[] _buffer = new byte[64 << 10];
    private int _begin;
    private int _end;

    /// <returns>The next frame with its length, good until the next call; where the stream ends what is left of it, then nothing.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> Next(CancellationToken cancellationToken)
    {
        while (_end - _begin < Wanted())
        {
            MakeRoom();
            var received = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            if (received == 0)
                return Take(_end - _begin);
            _end += received;
        }

        return Take(Wanted());
    }

    private int Wanted() => _end - _begin < LengthBytes ? LengthBytes : LengthBytes + BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_begin));

    private void MakeRoom()
    {
        var left = _buffer.AsSpan(_begin, _end - _begin);
        var room = Wanted() <= _buffer.Length ? _buffer : new byte[Wanted()];
        left.CopyTo(room);
        (_buffer, _begin, _end) = (room, 0, left.Length);
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        _begin += length;
        return _buffer.AsMemory(_begin - length, length);
    }
}
