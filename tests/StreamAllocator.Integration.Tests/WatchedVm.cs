using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Testing;

namespace StreamAllocator.Integration.Tests;

/// <summary>A broker that has the allocator's topics, one VM in the inventory, its agent with a sample each second, and a <c>run</c> of all roles with short windows.</summary>
internal sealed class WatchedVm : IDisposable
{
    private const string Id = "watched";
    private const int WindowMilliseconds = 15_000;

    private static readonly Topics Topics = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");
    private readonly KafkaLog _log;

    /// <param name="settings">Of the broker, over those of its script.</param>
    public WatchedVm(IEnumerable<KeyValuePair<string, string>> settings, params string[] options)
    {
        Broker = new SharedBroker(settings, options);
        var inventory = Path.Combine(_folder.FullName, "vms.jsonl");
        File.WriteAllText(inventory, LiveFolder.Vm(Id));
        AllocatorProcess.Run(["topics", "create", "--log", Address]);
        AllocatorProcess.Run(["publish", "vms", inventory, "--log", Address]);
        _log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = Broker.Bootstrap });
    }

    public SharedBroker Broker { get; }

    public string Address => $"kafka:{Broker.Bootstrap}";

    private string BufferPath => Path.Combine(_folder.FullName, "buffer.db");

    /// <summary>It gives up an attempt to publish after five seconds.</summary>
    public HeardProcess StartAgent() => new(AllocatorProcess.Start(
        ["agent", "--vm", Id, "--every", "1s", "--log", Address, "--buffer", BufferPath], [("STREAMALLOCATOR__KAFKA__CALLTIMEOUT", "00:00:05")]));

    /// <param name="grace">Samples that come later than that after the end of their window are late.</param>
    /// <param name="address">Of the listener that it comes by; the plaintext one's where null.</param>
    public LiveRun StartRun(TimeSpan grace, string? address = null, params (string Name, string Value)[] environment) => new(AllocatorProcess.Start(
        ["run", "--port", "0", "--log", address ?? Address],
        [
            ("STREAMALLOCATOR__ALLOCATOR__INGEST__GRACE", grace.ToString("c")),
            ("STREAMALLOCATOR__ALLOCATOR__INGEST__CADENCE", "00:00:01"),
            ("STREAMALLOCATOR__ALLOCATOR__PREDICT__WINDOWS__SIZE", TimeSpan.FromMilliseconds(WindowMilliseconds).ToString("c")),
            .. environment,
        ],
        _folder.FullName));

    /// <summary>Until ingest has taken in so many samples.</summary>
    public Task HasArrived(HeardProcess run, int samples) =>
        run.Until(() => Task.FromResult(AgentRecords.Arrived(_log).Count >= samples), $"{samples} samples are in vm-inputs");

    /// <summary>Stops it when it has just published, so that nothing is left in its buffer.</summary>
    /// <returns>Event times of all samples that it ever took, in order.</returns>
    public async Task<List<long>> Stop(HeardProcess agent)
    {
        var before = AgentRecords.Published(_log).Count;
        await agent.Until(() => Task.FromResult(AgentRecords.Published(_log).Count > before), "another sample is published");
        await agent.Stop();
        Assert.Empty(agent.LinesWith("for the next start"));
        return AgentRecords.Accepted(BufferPath);
    }

    /// <summary>A <c>run</c> that waits for nothing more closes the windows: each sample is in the one of its time, each window is there once.</summary>
    public async Task EachIsInItsWindow(List<long> samples)
    {
        await using var run = StartRun(TimeSpan.Zero);
        await run.Until(() => Task.FromResult(AgentRecords.Windows(_log).Sum(window => window.Count[0]) >= samples.Count), "all samples are in windows");
        await run.Stop();
        Assert.Equal(
            samples.GroupBy(time => time / WindowMilliseconds * WindowMilliseconds).Select(window => (window.Key, window.Count())),
            AgentRecords.Windows(_log).Where(window => window.Count[0] > 0).Select(window => (window.StartMs, (int)window.Count[0])).Order());
        Assert.Equal((0, 0), (AgentRecords.Count(_log, Topics.DeadLetter), AgentRecords.Count(_log, Topics.Late)));
    }

    public void Dispose()
    {
        _log.Dispose();
        Broker.Dispose();
        _folder.Delete(recursive: true);
    }
}
