using StreamAllocator.Testing;

namespace StreamAllocator.Chaos.Tests.Network;

/// <summary>A broker that is reached through a proxy only; of several test classes, which use it one after the other.</summary>
public sealed class ProxiedBroker : IDisposable
{
    private readonly BrokerProxy _proxy = new();
    private readonly SharedBroker? _broker;

    public ProxiedBroker()
    {
        if (!SharedBroker.Exists)
            return;
        _broker = new SharedBroker([new("advertised.listeners", $"PLAINTEXT://{_proxy.Address}")]);
        _proxy.ForwardTo(_broker.Port("plaintext"));
    }

    internal BrokerProxy Proxy => _proxy;

    internal SharedBroker Broker => _broker!;

    /// <summary><c>HOST:PORT</c>.</summary>
    public string Address => _proxy.Address;

    public void Dispose()
    {
        _broker?.Dispose();
        _proxy.Dispose();
    }
}
