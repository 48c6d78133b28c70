using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;
using StreamAllocator.Testing;
using EventTime = StreamAllocator.Domain.EventTime;

namespace StreamAllocator.Kafka.Tests.Consumers;

/// <summary>What <c>schemas/README.md</c> says about reading allocations from Kafka, on a broker: the worked example and the line of kcat.</summary>
[NeedsBroker]
public sealed class KafkaAllocationConsumerTests : IDisposable
{
    private const long FirstMs = 1795543500000;

    private static readonly string Root = SharedFolder.RepositoryRoot();

    private readonly string _topic = $"consumers-{Guid.NewGuid():N}.allocations";
    private readonly KafkaLog _log = KafkaLog.Open(Broker.Options);
    private readonly ILogProducer _executor;

    public KafkaAllocationConsumerTests()
    {
        _log.CreateTopics([new TopicSpec(_topic, 2, CleanUp.Compact | CleanUp.Delete)]);
        _executor = _log.OpenProducer($"{_topic}-executor");
    }

    [Fact]
    public void The_page_shows_the_code_that_is_compiled_here() => Assert.Contains(
        "```csharp\n" + File.ReadAllText(Path.Combine(Root, "tests", "StreamAllocator.Kafka.Tests", "Consumers", "KafkaAllocationConsumer.cs")) + "```\n",
        Page(),
        StringComparison.Ordinal);

    [Fact]
    public async Task Each_allocation_is_printed_once_and_a_second_start_goes_on_where_the_first_had_stopped()
    {
        Publish(("web-1", 0), ("web-2", 1));
        Assert.Equal(["2026-11-24T18:05:00Z web-1 has 4 cores, 16 GiB: Applied", "2026-11-24T18:05:01Z web-2 has 4 cores, 16 GiB: Applied"], await FollowOnce(2));

        Publish(("web-1", 2), ("web-2", 3));
        Assert.Equal(["2026-11-24T18:05:02Z web-1 has 4 cores, 16 GiB: Applied", "2026-11-24T18:05:03Z web-2 has 4 cores, 16 GiB: Applied"], await FollowOnce(2));
    }

    [Fact]
    public async Task What_an_aborted_transaction_wrote_is_not_seen()
    {
        Send(("web-1", 0), ("web-2", 0));
        _executor.Abort();
        Publish(("web-1", 1), ("web-2", 1));

        Assert.Equal(["2026-11-24T18:05:01Z web-1 has 4 cores, 16 GiB: Applied", "2026-11-24T18:05:01Z web-2 has 4 cores, 16 GiB: Applied"], await FollowOnce(2));
    }

    [Fact]
    public async Task Two_share_the_partitions_and_the_one_that_stays_takes_over_what_the_other_had()
    {
        var first = new Follower(this);
        var second = new Follower(this);
        var published = 0;
        await Eventually(() =>
        {
            Publish(("web-1", published), ("web-2", published));
            published++;
            return first.Lines.Length > 0 && second.Lines.Length > 0;
        });
        await Eventually(() => first.Lines.Length + second.Lines.Length >= 2 * published);
        await first.DisposeAsync();

        Publish(("web-1", published), ("web-2", published));
        published++;
        await Eventually(() => first.Lines.Length + second.Lines.Length >= 2 * published);
        await second.DisposeAsync();

        var expected = Enumerable.Range(0, published).SelectMany(second => new[] { Line("web-1", second), Line("web-2", second) });
        Assert.Equal(expected.Order(StringComparer.Ordinal), first.Lines.Concat(second.Lines).Order(StringComparer.Ordinal));
    }

    [ToolFact("kcat", "kcat")]
    public async Task The_line_of_kcat_shows_what_is_committed_and_goes_on_where_it_had_stopped()
    {
        Send(("web-1", 0), ("web-2", 0));
        _executor.Abort();
        Publish(("web-1", 1), ("web-2", 2));
        Assert.Equal([KcatLine("web-1", 1), KcatLine("web-2", 2)], await Kcat(2));

        Publish(("web-1", 3));
        Assert.Equal([KcatLine("web-1", 3)], await Kcat(1));
    }

    public void Dispose()
    {
        _executor.Dispose();
        _log.Dispose();
    }

    private static string Page() => File.ReadAllText(Path.Combine(Root, "schemas", "README.md"));

    private static string Line(string vmId, int second) =>
        $"{DateTimeOffset.FromUnixTimeMilliseconds(FirstMs).AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ} {vmId} has 4 cores, 16 GiB: Applied";

    private static string KcatLine(string vmId, int second) =>
        $"{FirstMs + 1000 * second} {vmId} schema=streamallocator.v1.Allocation {Allocated(vmId, second).CalculateSize()} bytes";

    private static Allocation Allocated(string vmId, int second) => new()
    {
        VmId = vmId,
        PoolId = "pool-1",
        Revision = (ulong)second + 1,
        Requested = new Size { CpuCores = 4, MemoryGib = 16 },
        Observed = new Size { CpuCores = 4, MemoryGib = 16 },
        Outcome = AllocationOutcome.Applied,
        RequestedMs = FirstMs + 1000 * second - 5000,
        ObservedMs = FirstMs + 1000 * second,
    };

    private static async Task Eventually(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(1), "waited a minute");
            await Task.Delay(100);
        }
    }

    private async Task<IEnumerable<string>> FollowOnce(int lines)
    {
        var follower = new Follower(this);
        await using (follower)
            await Eventually(() => follower.Lines.Length >= lines);
        return follower.Lines.Order(StringComparer.Ordinal);
    }

    /// <summary>Runs the page's line until it has printed so much, and ends it as Ctrl-C does.</summary>
    private async Task<IEnumerable<string>> Kcat(int lines)
    {
        var line = Page().Split('\n').Single(line => line.StartsWith("kcat ", StringComparison.Ordinal))
            .Replace("localhost:9092", Broker.Options.BootstrapServers, StringComparison.Ordinal)
            .Replace("streamallocator.allocations", _topic, StringComparison.Ordinal)
            .Replace("-G billing", $"-G {_topic}", StringComparison.Ordinal);
        using var kcat = Process.Start(new ProcessStartInfo("bash", ["-c", "exec " + line]) { RedirectStandardOutput = true })!;
        var seen = new List<string>();
        while (seen.Count < lines)
            seen.Add(await kcat.StandardOutput.ReadLineAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token) ?? throw new InvalidOperationException($"kcat ended: {line}"));
        using (var kill = Process.Start("bash", ["-c", FormattableString.Invariant($"kill -INT {kcat.Id}")]))
            await kill.WaitForExitAsync();
        await kcat.WaitForExitAsync();
        return seen.Order(StringComparer.Ordinal);
    }

    private void Publish(params (string VmId, int Second)[] allocations)
    {
        Send(allocations);
        _executor.Commit(null, []);
    }

    /// <summary>Each VM into a partition of its own.</summary>
    private void Send(params (string VmId, int Second)[] allocations)
    {
        using var outputs = new OutputBatch();
        foreach (var (vmId, second) in allocations)
        {
            outputs.Append(
                new TopicPartition(_topic, vmId == "web-1" ? 0 : 1),
                new EventTime(FirstMs + 1000 * second),
                Encoding.UTF8.GetBytes(vmId),
                RecordHeaders.ForSchema("streamallocator.v1.Allocation"),
                Allocated(vmId, second).ToByteArray());
        }

        _executor.Send(outputs);
    }

    /// <summary>The example on a thread of its own.</summary>
    private sealed class Follower : IAsyncDisposable
    {
        private readonly StringWriter _output = new() { NewLine = "\n" };
        private readonly TextWriter _writer;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _following;

        public Follower(KafkaAllocationConsumerTests test)
        {
            _writer = TextWriter.Synchronized(_output);
            var consumer = new Billing.KafkaAllocationConsumer(Broker.Options.BootstrapServers, test._topic, group: test._topic, _writer);
            _following = Task.Factory.StartNew(() => consumer.Follow(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        public string[] Lines
        {
            get
            {
                lock (_writer)
                    return _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            }
        }

        /// <summary>Stops it; what it printed stays.</summary>
        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _following;
            _stop.Dispose();
            await _output.DisposeAsync();
        }
    }
}
