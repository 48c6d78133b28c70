using Billing;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Testing;

namespace StreamAllocator.Schemas.Tests;

/// <summary>The worked example of <c>schemas/README.md</c> does what the page says.</summary>
public sealed class AllocationConsumerExampleTests : IDisposable
{
    private readonly InMemoryLog _log = new();
    private readonly ILogProducer _executor;

    public AllocationConsumerExampleTests()
    {
        _log.CreateTopics([new TopicSpec("streamallocator.allocations", 2, CleanUp.Compact | CleanUp.Delete)]);
        _executor = _log.OpenProducer("executor");
    }

    [Fact]
    public void The_page_shows_the_code_that_is_compiled_here()
    {
        var root = SharedFolder.RepositoryRoot();
        var page = File.ReadAllText(Path.Combine(root, "schemas", "README.md"));
        var start = page.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var shown = page[start..page.IndexOf("```\n", start, StringComparison.Ordinal)];

        Assert.Equal(File.ReadAllText(Path.Combine(root, "tests", "StreamAllocator.Schemas.Tests", "AllocationConsumerExample.cs")), shown);
    }

    [Fact]
    public void Each_allocation_is_printed_and_a_second_start_goes_on_where_the_first_had_stopped()
    {
        Publish(Applied("web-1", 4, 1795543500000), Refused("web-2", 2, 1795543500000));
        Assert.Equal(
            """
            2026-11-24T18:05:00Z web-1 has 4 cores, 16 GiB: Applied
            2026-11-24T18:05:00Z web-2 has 2 cores, 16 GiB: Refused

            """,
            Follow());

        Publish(Applied("web-1", 2.5, 1795543800000));
        Assert.Equal("2026-11-24T18:10:00Z web-1 has 2.5 cores, 16 GiB: Applied\n", Follow());
        Assert.Equal("", Follow());
    }

    [Fact]
    public void What_is_not_committed_is_not_seen()
    {
        Send(Applied("web-1", 4, 1795543500000));
        Assert.Equal("", Follow());

        _executor.Commit(null, []);
        Assert.Equal("2026-11-24T18:05:00Z web-1 has 4 cores, 16 GiB: Applied\n", Follow());
    }

    [Fact]
    public void A_removed_key_and_a_message_that_it_does_not_know_are_passed_over()
    {
        using var outputs = new OutputBatch();
        var target = new TopicPartition("streamallocator.allocations", 0);
        outputs.Append(target, default, "web-1"u8, RecordHeaders.ForSchema("streamallocator.v1.Allocation"), []);
        outputs.Append(target, default, "web-1"u8, RecordHeaders.ForSchema("streamallocator.v2.Allocation"), [0xFF]);
        _executor.Send(outputs);
        _executor.Commit(null, []);
        Publish(Applied("web-1", 4, 1795543500000));

        Assert.Equal("2026-11-24T18:05:00Z web-1 has 4 cores, 16 GiB: Applied\n", Follow());
    }

    public void Dispose()
    {
        _executor.Dispose();
        _log.Dispose();
    }

    private string Follow()
    {
        using var output = new StringWriter { NewLine = "\n" };
        new AllocationConsumerExample(_log, output).Follow(TimeSpan.Zero);
        return output.ToString();
    }

    private void Publish(params Allocation[] allocations)
    {
        Send(allocations);
        _executor.Commit(null, []);
    }

    private void Send(params Allocation[] allocations)
    {
        using var outputs = new OutputBatch();
        foreach (var allocation in allocations)
        {
            outputs.Append(
                new TopicPartition("streamallocator.allocations", 0),
                new EventTime(allocation.ObservedMs),
                System.Text.Encoding.UTF8.GetBytes(allocation.VmId),
                RecordHeaders.ForSchema("streamallocator.v1.Allocation"),
                allocation.ToByteArray());
        }

        _executor.Send(outputs);
    }

    private static Allocation Applied(string vmId, double cores, long observedMs) => new()
    {
        VmId = vmId,
        PoolId = "pool-1",
        Revision = 3,
        Requested = new Size { CpuCores = cores, MemoryGib = 16 },
        Observed = new Size { CpuCores = cores, MemoryGib = 16 },
        Outcome = AllocationOutcome.Applied,
        RequestedMs = observedMs - 5000,
        ObservedMs = observedMs,
    };

    private static Allocation Refused(string vmId, double cores, long observedMs)
    {
        var refused = Applied(vmId, cores, observedMs);
        refused.Requested.CpuCores = 8;
        refused.Outcome = AllocationOutcome.Refused;
        refused.Refusal = RefusalCause.StaleRevision;
        return refused;
    }
}
