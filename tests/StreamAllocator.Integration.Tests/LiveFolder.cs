using System.Text.Json;

namespace StreamAllocator.Integration.Tests;

/// <summary>
/// A folder with a log of its own and the settings of a short live run: windows of a minute. Commands run in it as a user runs them.
/// </summary>
internal sealed class LiveFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");

    public LiveFolder()
    {
        Write("streamallocator.json", """
            { "Allocator": { "Ingest": { "Grace": "00:00:00", "Cadence": "00:00:01" }, "Predict": { "Windows": { "Size": "00:01:00" } } } }
            """);
        Do("topics", "create");
    }

    public string Write(string name, params string[] lines)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    /// <summary>Runs to its end, which must be a good one; what it printed.</summary>
    public string Do(params string[] arguments)
    {
        var (exit, output, errors) = Try(arguments);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)}: exit code {exit}\n{output}\n{errors}");
        return output;
    }

    public (int Exit, string Output, string Errors) Try(params string[] arguments)
    {
        using var process = AllocatorProcess.Start(arguments, [], _folder.FullName);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>Starts <c>run</c> on any free port, and returns once its API answers for all that the log holds.</summary>
    public async Task<LiveRun> Run(string[] arguments, params (string Name, string Value)[] environment)
    {
        var run = new LiveRun(AllocatorProcess.Start(["run", "--port", "0", .. arguments], environment, _folder.FullName));
        await run.Ready();
        return run;
    }

    /// <summary>The values of a topic's records, read while nothing runs.</summary>
    public List<JsonElement> Values(string topic) =>
        [.. Do("tail", topic).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("value"))];

    /// <summary>A VM of 2 cores and 4 GiB, which may have 8 and 16, and a host that has room for it.</summary>
    public void PublishInventory(params string[] vmIds)
    {
        Do("publish", "hosts", Write("hosts.jsonl", """
            { "host_id": "host-1", "pool_id": "pool-1", "capacity": { "cpu_cores": 32, "memory_gib": 128 }, "granularity": { "cpu_cores": 0.1, "memory_gib": 0.25 } }
            """));
        Do("publish", "vms", Write("vms.jsonl", [.. vmIds.Select(Vm)]));
    }

    public static string Vm(string vmId) =>
        $$$"""{ "vm_id": "{{{vmId}}}", "pool_id": "pool-1", "provisioned": { "cpu_cores": 2, "memory_gib": 4 }, "lower": { "cpu_cores": 0.1, "memory_gib": 0.1 }, "upper": { "cpu_cores": 8, "memory_gib": 16 } }""";

    public static string Sample(string vmId, DateTimeOffset time, double cores) => FormattableString.Invariant(
        $$"""{ "samples": [{ "vm_id": "{{vmId}}", "event_time": "{{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}}", "cpu_cores": {{cores}}, "cpu_cores_allocated": 2, "memory_gib": 1, "memory_gib_allocated": 4 }] }""");

    public void Dispose() => _folder.Delete(recursive: true);
}
