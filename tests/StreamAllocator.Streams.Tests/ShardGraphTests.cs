using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.TestKit;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Testing;

namespace StreamAllocator.Streams.Tests;

public sealed class ShardGraphTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ActorMaterializer _materializer;

    public ShardGraphTests()
        : base(ShardThreads.Configuration) => _materializer = ShardThreads.Materializer(Sys);

    [Fact]
    public async Task Without_demand_nothing_is_polled()
    {
        using var world = new SumWorld(partitions: 1);
        world.Write(100);
        var log = new CountingLog(world.Log);
        var (ended, probe) = ShardGraph.Turns(() => Open(log, batchSize: 10))
            .ToMaterialized(this.SinkProbe<Shard>(), Keep.Both)
            .Run(_materializer);

        await probe.EnsureSubscriptionAsync();
        Assert.Equal(0, log.Polls);

        // One poll for the assignment, two for records.
        probe.Request(3);
        for (var turn = 0; turn < 3; turn++)
            await probe.ExpectNextAsync(Deadline);
        await probe.CancelAsync();
        await ended.WaitAsync(Deadline);

        Assert.Equal(3, log.Polls);
        Assert.Equal(20, world.CommittedInput());
        Assert.Single(log.Threads);
    }

    [Fact]
    public async Task While_there_is_more_to_fold_a_commit_waits_and_it_comes_as_soon_as_there_is_not()
    {
        using var world = new SumWorld(partitions: 1);
        world.Write(40);
        var (ended, probe) = ShardGraph.Turns(() => Open(world.Log, batchSize: 10), commitEvery: TimeSpan.FromHours(1))
            .ToMaterialized(this.SinkProbe<Shard>(), Keep.Both)
            .Run(_materializer);

        // The assignment, which commits nothing; the four batches; the poll that finds nothing more.
        probe.Request(5);
        for (var turn = 0; turn < 5; turn++)
            await probe.ExpectNextAsync(Deadline);
        Assert.Equal(0, world.CommittedInput());
        probe.Request(1);
        await probe.ExpectNextAsync(Deadline);
        Assert.Equal(40, world.CommittedInput());

        await probe.CancelAsync();
        await ended.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Each_step_is_timed()
    {
        using var world = new SumWorld(partitions: 1);
        world.Write(20);
        var times = new List<TimeSpan>();
        var (ended, probe) = ShardGraph.Turns(() => Open(world.Log, batchSize: 10), (_, elapsed) => times.Add(elapsed))
            .ToMaterialized(this.SinkProbe<Shard>(), Keep.Both)
            .Run(_materializer);

        probe.Request(3);
        for (var turn = 0; turn < 3; turn++)
            await probe.ExpectNextAsync(Deadline);
        await probe.CancelAsync();
        await ended.WaitAsync(Deadline);

        Assert.InRange(times.Count, 2, 3);
        Assert.All(times, time => Assert.True(time > TimeSpan.Zero));
    }

    [Fact]
    public async Task Kill_switch_lets_the_batch_under_way_be_committed_and_leaves_a_snapshot_and_the_group()
    {
        using var world = new SumWorld(partitions: 1);
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var folder = new TemporaryFolder();
        world.Write(2000);
        var snapshots = new SnapshotFolder(folder.Path);
        var role = SumWorld.Role(_ =>
        {
            entered.Set();
            Assert.True(go.Wait(Deadline));
        });

        var (stop, ended) = ShardGraph.Of(() => new Shard(world.Log, role, "a", Options(10), snapshots)).Run(_materializer);
        Assert.True(entered.Wait(Deadline));
        stop.Shutdown();
        go.Set();
        await ended.WaitAsync(Deadline);

        var committed = world.CommittedInput();
        Assert.InRange(committed, 10, 1990);
        Assert.Equal(committed, world.Await((int)committed).Values.Sum(sums => sums.Count));
        Assert.Equal(committed, snapshots.Newest(SumWorld.Group, SumWorld.Input(0), role.Fingerprint, long.MaxValue)?.Next);
        using var successor = world.Log.Join(SumWorld.Group, "b", [SumWorld.Numbers]);
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.AssignmentChanged, successor.Poll(batch, 1, TimeSpan.Zero));
        Assert.Equal([SumWorld.Input(0)], successor.Assignment);
    }

    [Fact]
    public async Task Idle_shard_ends_soon_after_the_kill_switch()
    {
        using var world = new SumWorld(partitions: 1);
        var log = new CountingLog(world.Log);
        var (stop, ended) = ShardGraph.Of(() => Open(log, 10)).Run(_materializer);
        await AwaitConditionAsync(() => Task.FromResult(log.Polls > 1), Deadline);

        var before = log.Polls;
        stop.Shutdown();
        await ended.WaitAsync(Deadline);

        // The kill switch is a message: it may wait for the poll under way and a turn or two behind it.
        Assert.InRange(log.Polls - before, 0, 4);
    }

    [Fact]
    public async Task Step_that_throws_ends_the_graph_with_its_error_and_without_a_commit_or_a_snapshot()
    {
        using var world = new SumWorld(partitions: 1);
        using var folder = new TemporaryFolder();
        world.Write(100);
        var snapshots = new SnapshotFolder(folder.Path);
        var role = SumWorld.Role(task =>
        {
            if (task.Steps == 3)
                throw new InvalidOperationException("a bug");
        });

        var (_, ended) = ShardGraph.Of(() => new Shard(world.Log, role, "a", Options(10), snapshots)).Run(_materializer);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ended.WaitAsync(Deadline));
        Assert.Equal("a bug", failure.Message);
        Assert.Equal(20, world.CommittedInput());
        Assert.Null(snapshots.Newest(SumWorld.Group, SumWorld.Input(0), role.Fingerprint, long.MaxValue));
    }

    [Fact]
    public async Task Shard_that_cannot_be_opened_ends_the_graph_with_its_error()
    {
        var (_, ended) = ShardGraph.Of(() => throw new LogException("no such topic")).Run(_materializer);

        Assert.Equal("no such topic", (await Assert.ThrowsAsync<LogException>(() => ended.WaitAsync(Deadline))).Message);
    }

    private static Shard Open(IEventLog log, int batchSize) => new(log, SumWorld.Role(), "a", Options(batchSize));

    private static ShardOptions Options(int batchSize) => new() { BatchSize = batchSize, PollWait = TimeSpan.FromMilliseconds(20) };
}
