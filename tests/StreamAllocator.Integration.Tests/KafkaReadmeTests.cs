using System.Diagnostics;
using System.Text.RegularExpressions;
using StreamAllocator.Testing;

namespace StreamAllocator.Integration.Tests;

/// <summary>
/// What the README says of Kafka is true: the commands of its <c>bash</c> blocks run in their order against a broker, and end well. A <c>run</c>
/// goes on beside those after it, and drains at the end.
/// </summary>
public sealed class KafkaReadmeTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");

    [SharedFact(SharedBroker.Script)]
    public async Task The_commands_on_Kafka_run()
    {
        using var broker = new SharedBroker([], "--sasl-tls-port", "0");
        File.WriteAllText(Path.Combine(_folder.FullName, "vms.jsonl"), LiveFolder.Vm("web-1"));
        File.WriteAllLines(Path.Combine(_folder.FullName, "trace.csv"), [
            "vm_id,timestamp,cpu_percent,cpu_cores_used,cpu_cores_alloc,memory_used_gb,memory_alloc_gb,disk_read_bps,disk_write_bps,net_rx_bps,net_tx_bps",
            .. Enumerable.Range(0, 6).Select(window => FormattableString.Invariant($"web-1,{1_700_006_400 + 300 * window},25,0.5,2,1,4,0,0,0,0")),
        ]);
        var commands = Commands();
        Assert.True(commands.Count >= 4, $"{commands.Count} commands found");
        var running = new List<Process>();
        try
        {
            foreach (var command in commands)
            {
                var process = Start(command, broker);
                if (command.Contains("streamallocator run ", StringComparison.Ordinal))
                {
                    running.Add(process);
                    await Printed(process, "running ");
                }
                else
                {
                    await EndsWell(process, command);
                }
            }

            foreach (var process in running)
            {
                Assert.False(process.HasExited, "a run has ended by itself");
                using var kill = Process.Start("bash", ["-c", FormattableString.Invariant($"kill -TERM {process.Id}")]);
                await Printed(process, "drained");
                await EndsWell(process, "run");
            }
        }
        finally
        {
            foreach (var process in running.Where(process => !process.HasExited))
                process.Kill();
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static List<string> Commands()
    {
        var blocks = Regex.Matches(File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot(), "README.md")), "```bash\n(.*?)```", RegexOptions.Singleline);
        return [.. blocks.SelectMany(block => block.Groups[1].Value.Replace("\\\n", "", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries))];
    }

    /// <summary>The README's addresses are the broker's here, its user is one that the broker knows, and ports are any.</summary>
    private Process Start(string command, SharedBroker broker)
    {
        var line = command
            .Replace("artifacts/streamallocator", $"dotnet '{Path.Combine(AppContext.BaseDirectory, "streamallocator.dll")}'", StringComparison.Ordinal)
            .Replace("localhost:9092", broker.Bootstrap, StringComparison.Ordinal)
            .Replace("broker-1:9093", $"localhost:{broker.Port("sasl-tls")}", StringComparison.Ordinal)
            .Replace("SASL_USERNAME=allocator", "SASL_USERNAME=test", StringComparison.Ordinal)
            .Replace("--port 8081", "--port 0", StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-c", line])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PASSWORD"] = "test-secret";
        start.Environment["STREAMALLOCATOR__KAFKA__PROPERTIES__SSL_CA_LOCATION"] = Path.Combine(broker.Folder, "tls", "ca.pem");
        start.Environment["STREAMALLOCATOR__SERVER__PORT"] = "0";
        return Process.Start(start)!;
    }

    private static async Task Printed(Process process, string text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith(text, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"ended before it printed '{text}': {await process.StandardError.ReadToEndAsync(deadline.Token)}");
    }

    private static async Task EndsWell(Process process, string command)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, $"{command}: exit code {process.ExitCode}\n{output}\n{await errors}");
    }
}
