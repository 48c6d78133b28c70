using StreamAllocator.Cli.Composition;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Cli.Tests.Composition;

public sealed class LogLayoutTests
{
    private readonly Topics _topics = new();
    private readonly AllocatorOptions _told = new() { VmPartitions = 3, PoolPartitions = 5 };

    [Fact]
    public void Topics_that_exist_say_their_partitions_themselves()
    {
        using var log = new InMemoryLog();
        log.CreateTopics(_topics.All(vmPartitions: 8, poolPartitions: 4));
        Assert.Equal(_told with { VmPartitions = 8, VmOutputPartitions = 8, PoolPartitions = 4 }, LogLayout.Of(log, _topics, _told).ApplyTo(_told));
    }

    [Fact]
    public void Topics_that_are_still_to_be_created_get_those_that_were_told()
    {
        using var log = new InMemoryLog();
        LogLayout.Of(log, _topics, _told);
        Assert.Equal([3, 3, 5], new[] { _topics.VmInputs, _topics.Features, _topics.PoolInputs }.Select(name => log.Topics().Single(topic => topic.Name == name).Partitions));
    }
}
