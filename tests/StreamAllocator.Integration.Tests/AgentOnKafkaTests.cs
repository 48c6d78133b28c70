using System.Diagnostics;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary><c>agent</c> as a process on a real broker: what its buffer took arrives exactly once, whatever goes away meanwhile.</summary>
public sealed class AgentOnKafkaTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1" ? 60 : 12);
    private static readonly Topics Topics = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-");
    private readonly StringBuilder _printed = new();

    [SharedFact(SharedBroker.Script)]
    public async Task While_the_broker_is_away_and_the_agent_is_killed_again_and_again_nothing_is_lost_or_doubled()
    {
        var seed = (ulong)Environment.TickCount64;
        var random = new SeededRandom(seed);
        using var broker = new SharedBroker([]);
        var address = $"kafka:{broker.Bootstrap}";
        AllocatorProcess.Run(["topics", "create", "--log", address]);
        // The grace is longer than the outage: late samples are another matter.
        using var ingest = AllocatorProcess.Start(["run", "--roles", "ingest", "--log", address], [("STREAMALLOCATOR__ALLOCATOR__INGEST__GRACE", "00:30:00")]);
        Hear(ingest);
        await Until(() => Task.FromResult(Printed.Contains("running ingest", StringComparison.Ordinal)), "ingest runs");

        var kills = RunAndKill(address, random, TimeSpan.FromSeconds(4));
        broker.Kill();
        kills += RunAndKill(address, random, Outage);
        broker.Start();
        kills += RunAndKill(address, random, TimeSpan.FromSeconds(6));
        await Until(async () => !(await RunAndStop(address)).Contains("wait in", StringComparison.Ordinal), "nothing waits in the buffer any more");

        var accepted = AgentRecords.Accepted(BufferPath);
        using var log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = broker.Bootstrap });
        var arrived = new List<long>();
        await Until(() => Task.FromResult((arrived = AgentRecords.Arrived(log)).Count >= accepted.Count), "all samples are in vm-inputs");
        ingest.Kill();
        output.WriteLine($"seed {seed}: {kills} kills, {accepted.Count} samples, {AgentRecords.Count(log, Topics.Telemetry)} records published");
        Assert.True(accepted.Count > Outage.TotalSeconds / 2, $"{accepted.Count} samples");
        Assert.Equal(accepted, arrived);
        Assert.Equal((0, 0), (AgentRecords.Count(log, Topics.DeadLetter), AgentRecords.Count(log, Topics.Late)));
    }

    [TmpfsFact]
    public async Task On_a_full_disk_it_goes_on_says_so_once_and_comes_back_by_itself()
    {
        TmpfsFactAttribute.Mount(_folder.FullName, "8m");
        try
        {
            using var broker = new SharedBroker([]);
            var address = $"kafka:{broker.Bootstrap}";
            AllocatorProcess.Run(["topics", "create", "--log", address]);
            using var log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = broker.Bootstrap });
            using var agent = StartAgent(address);
            Hear(agent);
            await Until(() => Task.FromResult(AgentRecords.Count(log, Topics.Telemetry) >= 2), "two samples are published");

            var filler = Path.Combine(_folder.FullName, "filler");
            Assert.Throws<IOException>(() => Fill(filler));
            await Until(() => Task.FromResult(Printed.Contains("samples wait in memory", StringComparison.Ordinal)), "it says that the disk is full");
            var before = AgentRecords.Count(log, Topics.Telemetry);
            await Until(() => Task.FromResult(AgentRecords.Count(log, Topics.Telemetry) >= before + 3), "samples are published from memory");
            File.Delete(filler);
            await Until(() => Task.FromResult(Printed.Contains("on the disk again", StringComparison.Ordinal)), "it says that the disk takes them again");
            before = AgentRecords.Count(log, Topics.Telemetry);
            await Until(() => Task.FromResult(AgentRecords.Count(log, Topics.Telemetry) >= before + 2), "samples are published from the disk");
            await AllocatorProcess.Stop(agent);

            Assert.Equal(1, Printed.Split("no room is left").Length - 1);
            var samples = AgentRecords.Published(log);
            Assert.Contains(samples, sample => sample.Sequence == 0);
            Assert.True(samples[^1].Sequence > 0, "numbered again at the end");
            Assert.All(samples.Zip(samples.Skip(1)), pair => Assert.InRange(
                pair.Second.EventTimeMs - pair.Second.IntervalMs - pair.First.EventTimeMs, -300, 300));
        }
        finally
        {
            TmpfsFactAttribute.Unmount(_folder.FullName);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string BufferPath => Path.Combine(_folder.FullName, "buffer.db");

    private string Printed
    {
        get
        {
            lock (_printed)
                return _printed.ToString();
        }
    }

    private Process StartAgent(string address) =>
        AllocatorProcess.Start(["agent", "--vm", "this", "--every", "1s", "--log", address, "--buffer", BufferPath], []);

    private int RunAndKill(string address, SeededRandom random, TimeSpan length)
    {
        var kills = 0;
        for (var passed = Stopwatch.StartNew(); passed.Elapsed < length; kills++)
        {
            using var agent = StartAgent(address);
            Hear(agent);
            AwaitBuffer(agent);
            Assert.False(agent.WaitForExit(TimeSpan.FromSeconds(4 * random.NextDouble())), $"it ended by itself: {Printed}");
            agent.Kill();
            agent.WaitForExit();
        }

        return kills;
    }

    /// <returns>What it printed at its end.</returns>
    private async Task<string> RunAndStop(string address)
    {
        using var agent = StartAgent(address);
        var end = agent.StandardOutput.ReadToEndAsync();
        agent.ErrorDataReceived += (_, line) => Note(line.Data);
        agent.BeginErrorReadLine();
        AwaitBuffer(agent);
        agent.WaitForExit(TimeSpan.FromSeconds(4));
        await AllocatorProcess.Stop(agent);
        return await end;
    }

    /// <summary>Until it has opened its buffer, where it says who it is: how long a process takes to start is not what is tried here.</summary>
    private void AwaitBuffer(Process agent)
    {
        for (var waited = Stopwatch.StartNew(); !File.Exists(BufferPath + ".pid") || File.ReadAllText(BufferPath + ".pid") != $"{agent.Id}";)
            Assert.False(waited.Elapsed > Deadline || agent.WaitForExit(50), $"it did not open its buffer: {Printed}");
    }

    private void Hear(Process process)
    {
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private void Note(string? line)
    {
        lock (_printed)
            _printed.AppendLine(line);
    }

    private async Task Until(Func<Task<bool>> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(waited.Elapsed < Deadline, $"waited {waited.Elapsed.TotalSeconds:0} s until {what}; printed was:\n{Printed}");
            await Task.Delay(200);
        }
    }

    private static void Fill(string path)
    {
        using var filler = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var zeros = new byte[4096];
        while (true)
            filler.Write(zeros);
    }
}
