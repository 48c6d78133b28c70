using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Simulation.Tests.Faults;

namespace StreamAllocator.Simulation.Tests;

public sealed class RefusedCommitTests
{
    [Fact]
    public void What_a_rebalance_kept_from_being_committed_is_committed_once_afterwards()
    {
        using var undisturbed = new Rig();
        undisturbed.Run();
        var commits = 0;
        using var rig = new Rig(log: inner => new LogDecorator(inner, producer: opened => new ProducerDecorator(opened, commit: (producer, consumer, offsets) =>
        {
            if (consumer is not null && ++commits % 3 != 0)
            {
                producer.Abort();
                throw new LogRebalancingException("the group is being dealt out anew");
            }

            producer.Commit(consumer, offsets);
        })));

        rig.Run();

        Assert.True(commits > 1000, $"{commits} commits were tried: expected more");
        Assert.Equal(0, rig.Crashes);
        Assert.Empty(ExactlyOnceChecker.Check(rig, refused: 0));
        Assert.Equal(undisturbed.Digests(), rig.Digests());
    }
}
