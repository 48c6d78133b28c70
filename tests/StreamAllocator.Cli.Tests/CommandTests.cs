using System.Net;
using System.Net.Sockets;

namespace StreamAllocator.Cli.Tests;

public sealed class CommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("frob", "frob")]
    [InlineData("demmo", "'demmo' was not matched. Did you mean|demo")]
    [InlineData("demo --speeed 3", "'--speeed' was not matched. Did you mean|--speed")]
    [InlineData("demo --speed quick --windows few", "--speed 'quick': expected a number|--windows 'few': expected a whole number")]
    [InlineData("predict a --format xml", "--format 'xml': expected one of table, json, csv")]
    [InlineData("forecast --trace nowhere.csv", "--trace nowhere.csv: no such file")]
    [InlineData("demo --trace nowhere.csv --speed -1 --windows 0", "nowhere.csv: no such file|--speed -1: expected|--windows 0: expected")]
    [InlineData("demo --log tape", "--log 'tape': expected memory, file:PATH or kafka:HOST:PORT")]
    [InlineData("run --roles predict,juggle --port 99999", "'juggle': expected some of|Port 99999: expected 0 to 65535")]
    [InlineData("tail decisions", "no such file")]
    [InlineData("replay --digest", "expected either --trace FILE or --log ADDRESS")]
    [InlineData("replay --trace nowhere.csv --from 2017-01-01 --pools 0", "nowhere.csv: no such file|--from, --to: a trace is taken whole|--pools 0: expected 1 or more")]
    [InlineData("backfill --into memory", "--into memory: it ends with this command")]
    [InlineData("backfill --log file:nowhere.db --ending 2026-01-01", "--ending: it goes with --trace")]
    [InlineData("replay --log file:nowhere.db", "--log file:nowhere.db: no such file")]
    [InlineData("hold", "expected a VM, or --pool")]
    [InlineData("vms --api nowhere", "--api 'nowhere': expected http://HOST:PORT")]
    public void Wrong_usage_ends_with_2_and_names_every_problem(string line, string expected)
    {
        var (exit, output, errors) = CommandProcess.Run(_folder, line.Split(' '));

        Assert.Equal(2, exit);
        Assert.Equal("", output);
        Assert.All(expected.Split('|'), problem => Assert.Contains(problem, errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_api_that_is_not_there_ends_with_1_and_says_what_to_start()
    {
        var (exit, _, errors) = CommandProcess.Run(_folder, "vms", "--api", "http://127.0.0.1:1");

        Assert.Equal(1, exit);
        Assert.Contains("Is 'streamallocator demo' or 'run' running?", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_was_asked_for_and_is_taken_ends_with_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exit, _, errors) = CommandProcess.Run(_folder, "demo", "--log", "memory", "--no-view", "--windows", "1", "--port", $"{port}");

        Assert.Equal(1, exit);
        Assert.Contains($"port {port}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_of_every_command_shows_an_example()
    {
        string[] commands =
        [
            "demo", "run", "agent", "replay", "backfill", "forecast", "predict", "adjust", "hold", "release", "vms", "explain", "models list", "models show", "models rollback", "health",
            "topics create", "topics list", "topics check", "topics grow", "publish", "tail", "dead-letter list", "dead-letter show", "dead-letter replay", "config check", "config show",
        ];
        Assert.All(commands, command =>
        {
            var (exit, output, _) = CommandProcess.Run(_folder, [.. command.Split(' '), "--help"]);
            Assert.Equal(0, exit);
            Assert.Contains($"streamallocator {command}", output[..output.IndexOf("Usage:", StringComparison.Ordinal)], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_demo_goes_on_where_it_was_and_refuses_another_demand()
    {
        string[] demo = ["demo", "--no-view", "--speed", "0", "--port", "0", "--windows"];

        var (first, one, _) = CommandProcess.Run(_folder, [.. demo, "30"]);
        var (second, _, errors) = CommandProcess.Run(_folder, [.. demo, "30", "--seed", "2"]);
        var (third, listed, _) = CommandProcess.Run(_folder, "tail", "allocations", "--limit", "1");
        var (fourth, checkedTopics, _) = CommandProcess.Run(_folder, "topics", "check");

        Assert.Equal(0, first);
        Assert.Contains("Ended at 2017-01-01T02:30:00Z", one, StringComparison.Ordinal);
        Assert.Equal(2, second);
        Assert.Contains("seed 1; asked for was", errors, StringComparison.Ordinal);
        var (fifth, _, refusal) = CommandProcess.Run(_folder, "topics", "create");
        Assert.Equal(2, fifth);
        Assert.Contains("it holds a demo", refusal, StringComparison.Ordinal);
        Assert.Equal((0, 0), (third, fourth));
        Assert.Contains("\"schema\":\"streamallocator.v1.Allocation\"", listed, StringComparison.Ordinal);
        Assert.Equal("", checkedTopics);
    }
}
