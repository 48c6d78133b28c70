using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StreamAllocator.Chaos.Tests.Network;

/// <summary>
/// Stands between the clients of this machine and a broker that advertises the proxy as its own address: all that they say to each other passes here,
/// and breaks where it is told to.
/// </summary>
internal sealed class BrokerProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<ProxiedConnection, bool> _connections = new();
    private readonly ConcurrentDictionary<Cut, bool> _due = new();
    private readonly ConcurrentDictionary<Cut, int> _done = new();
    private readonly ConcurrentDictionary<ApiKey, int> _answered = new();
    private IPEndPoint? _broker;
    private Task _accepting = Task.CompletedTask;
    private int _accepted;
    private volatile bool _isOut;

    public BrokerProxy() => _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary><c>HOST:PORT</c> for clients.</summary>
    public string Address => $"{_listener.LocalEndPoint}";

    public IReadOnlyCollection<ProxiedConnection> Connections => [.. _connections.Keys];

    /// <summary>So far.</summary>
    public int Accepted => _accepted;

    /// <summary>How often each cut was made.</summary>
    public IReadOnlyDictionary<Cut, int> Done => _done;

    /// <summary>How many answers to such a request have come by, whatever became of them.</summary>
    public int Answers(ApiKey request) => _answered.GetValueOrDefault(request);

    /// <param name="port">Of the broker's listener, which may come and go.</param>
    public void ForwardTo(int port)
    {
        _broker = new IPEndPoint(IPAddress.Loopback, port);
        _listener.Listen(1024);
        _accepting = Accept();
    }

    /// <summary>Makes the cut as soon as such a request or answer comes by, once.</summary>
    /// <param name="beginsOutage">In the same moment, so that the client cannot ask again.</param>
    public void Order(Cut cut, bool beginsOutage = false) => _due[cut] = beginsOutage;

    /// <summary>Resets every connection, and each new one until <see cref="EndOutage"/>.</summary>
    public void BeginOutage()
    {
        _isOut = true;
        foreach (var connection in Connections)
            connection.Reset();
    }

    public void EndOutage() => _isOut = false;

    public void Dispose()
    {
        _listener.Dispose();
        _accepting.Wait();
        foreach (var connection in Connections)
            connection.Dispose();
    }

    /// <summary>True once for each order.</summary>
    internal bool IsDue(Cut cut)
    {
        if (!_due.TryRemove(cut, out var beginsOutage))
            return false;
        if (beginsOutage)
            BeginOutage();
        _done.AddOrUpdate(cut, 1, (_, times) => times + 1);
        return true;
    }

    internal void Passed(ApiKey request) => _answered.AddOrUpdate(request, 1, (_, times) => times + 1);

    private async Task Accept()
    {
        try
        {
            while (true)
                _ = Serve(await _listener.AcceptAsync());
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task Serve(Socket client)
    {
        Interlocked.Increment(ref _accepted);
        var broker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        using var connection = new ProxiedConnection(this, client, broker);
        _connections[connection] = true;
        try
        {
            if (_isOut)
            {
                connection.Reset();
                return;
            }

            await broker.ConnectAsync(_broker!);
            await connection.Run();
        }
        catch (Exception refused) when (refused is SocketException or ObjectDisposedException)
        {
            // No broker listens at the moment, or an outage has just begun.
            connection.Reset();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}
