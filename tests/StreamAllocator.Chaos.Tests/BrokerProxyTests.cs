using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using StreamAllocator.Chaos.Tests.Network;
using StreamAllocator.Domain;
using Xunit.Abstractions;

namespace StreamAllocator.Chaos.Tests;

/// <summary>The proxy does what it says, and nothing else; seen from a client and from what it takes for its broker.</summary>
public sealed class BrokerProxyTests(ITestOutputHelper output) : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly BrokerProxy _proxy = new();

    [Fact]
    public async Task Delayed_and_stalled_bytes_arrive_unchanged_and_in_order()
    {
        var seed = (ulong)Environment.TickCount64;
        output.WriteLine($"seed {seed}");
        var random = new SeededRandom(seed);
        var sent = Enumerable.Range(0, 300).SelectMany(number => Frame(ApiKey.Produce, number, random.NextInt32(number == 150 ? 1_000_000 : 5000))).ToArray();
        var (client, broker) = await Connect();
        var connection = _proxy.Connections.Single();
        var echo = broker.CopyToAsync(broker);
        var begun = TimeProvider.System.GetTimestamp();
        connection.Stall(TimeSpan.FromMilliseconds(300));
        connection.Delay(TimeSpan.FromMilliseconds(2), TimeSpan.FromMinutes(1));
        var sending = Task.Run(async () =>
        {
            for (int at = 0, count; at < sent.Length; at += count)
            {
                count = Math.Min(1 + random.NextInt32(20_000), sent.Length - at);
                await client.WriteAsync(sent.AsMemory(at, count));
            }
        });
        var received = new byte[sent.Length];
        await client.ReadExactlyAsync(received);
        await sending;
        Assert.Equal(sent, received);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds, 300 + (300 * 2), double.MaxValue);
        client.Socket.Shutdown(SocketShutdown.Send);
        await echo;
    }

    [Fact]
    public async Task Half_closed_to_the_broker_its_answers_still_come()
    {
        var (client, broker) = await Connect();
        await Pass(Frame(ApiKey.EndTxn, 1, 20), client, broker);
        _proxy.Connections.Single().HalfCloseToBroker();
        Assert.Equal(0, await ReadOne(broker));
        await client.WriteAsync(Frame(ApiKey.EndTxn, 2, 20));
        await Pass(Frame(ApiKey.Produce, 1, 50), broker, client);
    }

    [Fact]
    public async Task Half_closed_to_the_client_its_requests_still_come()
    {
        var (client, broker) = await Connect();
        _proxy.Connections.Single().HalfCloseToClient();
        Assert.Equal(0, await ReadOne(client));
        await broker.WriteAsync(Frame(ApiKey.EndTxn, 1, 20));
        await Pass(Frame(ApiKey.EndTxn, 1, 20), client, broker);
    }

    [Fact]
    public async Task A_client_that_has_nothing_more_to_say_is_still_answered()
    {
        var (client, broker) = await Connect();
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ReadOne(broker));
        await Pass(Frame(ApiKey.Produce, 1, 50), broker, client);
        broker.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ReadOne(client));
    }

    [Fact]
    public async Task A_reset_is_one_to_both_sides()
    {
        var (client, broker) = await Connect();
        _proxy.Connections.Single().Reset();
        foreach (var side in (NetworkStream[])[client, broker])
        {
            var error = await Assert.ThrowsAsync<IOException>(() => ReadOne(side));
            Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        }
    }

    [Fact]
    public async Task In_an_outage_every_connection_is_reset_and_none_stands()
    {
        var (client, _) = await Connect();
        _proxy.BeginOutage();
        await Assert.ThrowsAsync<IOException>(() => ReadOne(client));
        var error = await Assert.ThrowsAnyAsync<Exception>(async () => await ReadOne(await Dial()));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException ?? error).SocketErrorCode);
        _proxy.EndOutage();
        var (third, broker) = await Connect();
        await Pass(Frame(ApiKey.EndTxn, 1, 20), third, broker);
    }

    /// <summary>Whichever it is, requests and answers of another kind pass, before it as well as beside it.</summary>
    [Theory]
    [InlineData(CutAt.Request, 0, 0)]
    [InlineData(CutAt.HalfOfRequest, 17, 0)]
    [InlineData(CutAt.Answer, 34, 0)]
    [InlineData(CutAt.HalfOfAnswer, 34, 12)]
    public async Task A_cut_is_made_where_it_was_ordered(object at, int ofRequest, int ofAnswer)
    {
        var cut = new Cut(ApiKey.EndTxn, (CutAt)at);
        var (client, broker) = await Connect();
        _proxy.Order(cut);
        await Pass(Frame(ApiKey.Produce, 1, 100), client, broker);
        await Pass(Answer(1, 100), broker, client);
        await client.WriteAsync(Frame(ApiKey.EndTxn, 2, 34 - 4));
        Assert.Equal(ofRequest, await ReadToEnd(broker, ofRequest == 34 ? 34 : int.MaxValue));
        if (ofRequest == 34)
            await broker.WriteAsync(Answer(2, 24 - 4));
        Assert.Equal(ofAnswer, await ReadToEnd(client, int.MaxValue));
        Assert.Equal(1, _proxy.Done[cut]);

        var (again, next) = await Connect();
        await Pass(Frame(ApiKey.EndTxn, 1, 100), again, next);
        await Pass(Answer(1, 100), next, again);
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _listener.Dispose();
    }

    /// <summary>A client of the proxy and the connection at which it ends.</summary>
    private async Task<(NetworkStream Client, NetworkStream Broker)> Connect()
    {
        if (!_listener.Server.IsBound)
        {
            _listener.Start();
            _proxy.ForwardTo(((IPEndPoint)_listener.LocalEndpoint).Port);
        }

        var client = await Dial();
        return (client, new NetworkStream(await _listener.AcceptSocketAsync(), ownsSocket: true));
    }

    private async Task<NetworkStream> Dial()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(_proxy.Address));
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task Pass(byte[] frame, NetworkStream from, NetworkStream to)
    {
        await from.WriteAsync(frame);
        var received = new byte[frame.Length];
        await to.ReadExactlyAsync(received);
        Assert.Equal(frame, received);
    }

    /// <returns>0 at the end of the stream.</returns>
    private static Task<int> ReadOne(NetworkStream from) => from.ReadAsync(new byte[1]).AsTask();

    /// <summary>How many bytes came, up to the end, a reset, or as many as are wanted.</summary>
    private static async Task<int> ReadToEnd(NetworkStream from, int wanted)
    {
        var (read, buffer) = (0, new byte[1000]);
        try
        {
            while (read < wanted && await from.ReadAsync(buffer) is var count and > 0)
                read += count;
        }
        catch (IOException)
        {
            // Reset.
        }

        return read;
    }

    private static byte[] Frame(ApiKey request, int correlation, int length)
    {
        var frame = Answer((short)request << 16, length);
        if (length >= 8)
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), correlation);
        return frame;
    }

    /// <summary>A length, a number, and bytes that are not all alike.</summary>
    private static byte[] Answer(int number, int length)
    {
        var frame = new byte[4 + length];
        for (var at = 4; at < frame.Length; at++)
            frame[at] = (byte)(at * 31 + number);
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        if (length >= 4)
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), number);
        return frame;
    }
}
