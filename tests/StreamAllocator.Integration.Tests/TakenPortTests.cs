using System.Net;
using System.Net.Sockets;

namespace StreamAllocator.Integration.Tests;

/// <summary>A start whose API port is taken ends with one line, and the next goes on.</summary>
public sealed class TakenPortTests : IDisposable
{
    private readonly LiveFolder _folder = new();
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);
    private readonly string _port;

    public TakenPortTests()
    {
        _taken.Start();
        _port = $"{((IPEndPoint)_taken.LocalEndpoint).Port}";
    }

    public void Dispose()
    {
        _taken.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Of_a_run_nothing_is_lost()
    {
        _folder.PublishInventory("web-1");

        RefusesTo("run");

        await using var run = await _folder.Run([]);
        await run.Until(async () => (await run.Get("/v1/vms")).GetProperty("vms").GetArrayLength() == 1, "the VM is known");
        await run.Until(async () => await run.Records("vm-inputs") > 0, "the VM is routed");
        await run.Stop();
    }

    [Fact]
    public void Of_a_demo_nothing_is_lost()
    {
        string[] demo = ["demo", "--no-view", "--speed", "0", "--windows", "30", "--digest", "--log"];
        var whole = _folder.Do([.. demo, "memory", "--port", "0"]);

        RefusesTo([.. demo, "file:./demo.db"]);

        Assert.Equal(Digests(whole), Digests(_folder.Do([.. demo, "file:./demo.db", "--port", "0"])));
    }

    private void RefusesTo(params string[] arguments)
    {
        var (exit, _, errors) = _folder.Try([.. arguments, "--port", _port]);

        Assert.Equal(1, exit);
        Assert.Contains($"port {_port}", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static List<string> Digests(string printed)
    {
        var digests = printed.Split('\n').Where(line => line.EndsWith(" records)", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, digests.Count);
        return digests;
    }
}
