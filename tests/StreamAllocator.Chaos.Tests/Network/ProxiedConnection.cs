using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace StreamAllocator.Chaos.Tests.Network;

/// <summary>
/// A client's connection and the one to the broker that stands for it. In each direction frames pass one after the other, unchanged, as late as they are
/// told to; of a frame no more is read than what it asks for or answers.
/// </summary>
internal sealed class ProxiedConnection(BrokerProxy proxy, Socket client, Socket broker) : IDisposable
{
    /// <summary>In the last, broken frame of a stream.</summary>
    private const int Nothing = -1;

    private readonly CancellationTokenSource _cut = new();
    private readonly ConcurrentDictionary<int, ApiKey> _asked = new();
    private volatile Slowness _slowness = new(TimeSpan.Zero, 0);
    private volatile bool _isBrokerTold;
    private volatile bool _isClientTold;
    private long _stalledUntil;

    /// <summary>What the client has asked last.</summary>
    public ApiKey Newest { get; private set; }

    /// <summary>Passes on what comes until both sides have ended, or it is cut.</summary>
    public async Task Run()
    {
        try
        {
            await Task.WhenAll(UntilBroken(Requests()), UntilBroken(Answers()));
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client or the broker broke it off, or it was cut here.
        }

        Dispose();
    }

    /// <summary>Both sides hear a reset; what is on its way is gone.</summary>
    public void Reset()
    {
        Attempt(() => client.LingerState = new LingerOption(true, 0));
        Attempt(() => broker.LingerState = new LingerOption(true, 0));
        Dispose();
    }

    /// <summary>For the broker the stream ends; its answers still come to the client.</summary>
    public void HalfCloseToBroker()
    {
        _isBrokerTold = true;
        Attempt(() => broker.Shutdown(SocketShutdown.Send));
    }

    /// <summary>For the client the stream ends; its requests still come to the broker.</summary>
    public void HalfCloseToClient()
    {
        _isClientTold = true;
        Attempt(() => client.Shutdown(SocketShutdown.Send));
    }

    /// <summary>Each frame waits before it goes on, in both directions.</summary>
    public void Delay(TimeSpan each, TimeSpan during) => _slowness = new Slowness(each, After(during));

    /// <summary>Nothing goes on, though the connection stands.</summary>
    public void Stall(TimeSpan during) => Volatile.Write(ref _stalledUntil, After(during));

    public void Dispose()
    {
        _cut.Cancel();
        client.Dispose();
        broker.Dispose();
    }

    private static long After(TimeSpan time) => Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static TimeSpan Left(long until) => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until);

    private static int Number(ReadOnlyMemory<byte> frame, int at) => frame.Length < at + 4 ? Nothing : BinaryPrimitives.ReadInt32BigEndian(frame.Span[at..]);

    private static void Attempt(Action call)
    {
        try
        {
            call();
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Where one direction breaks, the other has nothing left to wait for.</summary>
    private async Task UntilBroken(Task direction)
    {
        try
        {
            await direction;
        }
        catch
        {
            Reset();
            throw;
        }
    }

    private async Task Requests()
    {
        var frames = new FrameReader(client);
        while (await frames.Next(_cut.Token) is { IsEmpty: false } frame)
        {
            // After the length what is asked (2 bytes), the version of that (2), and the number that the answer will begin with (4).
            Newest = (ApiKey)(Number(frame, 4) >> 16);
            _asked[Number(frame, 8)] = Newest;
            await Pass(frame, broker, new Cut(Newest, CutAt.Request), new Cut(Newest, CutAt.HalfOfRequest), () => _isBrokerTold);
        }

        HalfCloseToBroker();
    }

    private async Task Answers()
    {
        var frames = new FrameReader(broker);
        while (await frames.Next(_cut.Token) is { IsEmpty: false } frame)
        {
            var request = _asked.TryRemove(Number(frame, 4), out var asked) ? asked : (ApiKey)Nothing;
            await Pass(frame, client, new Cut(request, CutAt.Answer), new Cut(request, CutAt.HalfOfAnswer), () => _isClientTold);
            proxy.Passed(request);
        }

        HalfCloseToClient();
    }

    private async Task Pass(ReadOnlyMemory<byte> frame, Socket to, Cut before, Cut within, Func<bool> isToldTheEnd)
    {
        while (Left(Volatile.Read(ref _stalledUntil)) is var stalled && stalled > TimeSpan.Zero)
            await Task.Delay(stalled, _cut.Token);
        if (_slowness is var slowness && Left(slowness.Until) > TimeSpan.Zero)
            await Task.Delay(slowness.Each, _cut.Token);
        if (proxy.IsDue(before))
        {
            Reset();
        }
        else if (proxy.IsDue(within))
        {
            await Send(frame[..(frame.Length / 2)], to);
            Dispose();
        }
        else if (!isToldTheEnd())
        {
            await Send(frame, to);
        }
    }

    private async Task Send(ReadOnlyMemory<byte> bytes, Socket to)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await to.SendAsync(bytes, _cut.Token)..];
    }

    private sealed record Slowness(TimeSpan Each, long Until);
}
