using StreamAllocator.Cli.Composition;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Cli.Tests.Composition;

public sealed class AllocatorOptionsTests
{
    private readonly Topics _topics = new();
    private readonly AllocatorOptions _told = new() { VmPartitions = 3, PoolPartitions = 5 };

    [Fact]
    public void Topics_that_exist_say_their_partitions_themselves()
    {
        using var log = new InMemoryLog();
        log.CreateTopics(_topics.All(vmPartitions: 8, poolPartitions: 4));
        Assert.Equal(_told with { VmPartitions = 8, PoolPartitions = 4 }, _told.AsCreated(log, _topics));
    }

    [Fact]
    public void Topics_that_are_still_to_be_created_get_those_that_were_told()
    {
        using var log = new InMemoryLog();
        Assert.Equal(_told, _told.AsCreated(log, _topics));
    }
}
