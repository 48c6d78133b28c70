using Akka.Actor;
using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Streams.Tests;

public sealed class RunningShardsTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly RunningShardsOptions Quick = new()
    {
        // Each step commits, so that faults of commits find some.
        CommitEvery = TimeSpan.Zero,
        FirstBackoff = TimeSpan.FromMilliseconds(1),
        LongestBackoff = TimeSpan.FromMilliseconds(5),
        MaxRestarts = 10_000,
        StopTimeout = Deadline,
    };

    private readonly ActorSystem _system = ShardThreads.CreateSystem();
    private readonly SeenMessages _messages = new();

    public void Dispose()
    {
        _system.Terminate().Wait(Deadline);
        _system.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 1)]
    [InlineData(1000, 1)]
    [InlineData(1, 2)]
    [InlineData(17, 2)]
    [InlineData(1000, 2)]
    public async Task Graph_gives_what_the_plain_loop_gives(int batchSize, int shards)
    {
        const int Records = 3000;
        using var world = new SumWorld(partitions: 4);
        world.Write(Records);

        await using var running = Run(world.Log, SumWorld.Role(), shards, batchSize);
        var sums = world.Await(Records);
        await running.Stop();

        Assert.Equal(SumWorld.Plain(4, Records), sums);
        Assert.Empty(_messages.All);
        Assert.True(running.Ended.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Injected_faults_change_nothing_that_readers_see(ulong seed)
    {
        const int Records = 3000;
        using var world = new SumWorld(partitions: 4, new InMemoryFaults
        {
            Seed = seed,
            CrashBeforeCommit = 0.05,
            CrashWithinCommit = 0.05,
            CrashAfterCommit = 0.05,
            LostAnswer = 0.05,
            LostCommit = 0.05,
            EvictionAtCommit = 0.05,
            HandOver = 0.05,
            Delay = 0.05,
            SmallBatch = 0.5,
        });
        WriteDespiteFaults(world, Records);

        using var folder = new TemporaryFolder();
        await using var running = Run(world.Log, SumWorld.Role(), shards: 2, batchSize: 40, new SnapshotFolder(folder.Path));
        var sums = world.Await(Records);
        await running.Stop();

        Assert.Equal(SumWorld.Plain(4, Records), sums);
        Assert.NotEmpty(_messages.All);
    }

    [Fact]
    public async Task All_is_folded_once_the_last_batch_is_committed_and_not_before()
    {
        using var world = new SumWorld(partitions: 2);
        using var go = new ManualResetEventSlim();
        world.Write(100);
        var role = SumWorld.Role(_ => Assert.True(go.Wait(Deadline)));
        await using var running = Run(world.Log, role, shards: 2, batchSize: 10);

        var folded = running.AllFolded(world.Log, CancellationToken.None);
        Assert.False(folded.IsCompleted);
        go.Set();
        await folded.WaitAsync(Deadline);

        Assert.Equal(100, world.CommittedInput());
        Assert.Equal(100, world.Await(100).Values.Sum(sums => sums.Count));
    }

    [Fact]
    public async Task Waiting_for_all_to_be_folded_fails_where_a_shard_gives_up()
    {
        using var world = new SumWorld(partitions: 1);
        world.Write(1);
        var role = SumWorld.Role(_ => throw new InvalidOperationException("a bug"));
        await using var running = new RunningShards(
            _system, [new ShardedRole(role, 1)], (role, name) => new Shard(world.Log, role, name, Options(10)), Quick with { MaxRestarts = 0 }, _messages);

        await Assert.ThrowsAsync<InvalidOperationException>(() => running.AllFolded(world.Log, CancellationToken.None).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Fenced_shard_is_replaced_by_a_new_one_that_goes_on_from_the_committed_offset()
    {
        const int Records = 100;
        using var world = new SumWorld(partitions: 1);
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        world.Write(Records);
        var opened = 0;
        var role = SumWorld.Role(task =>
        {
            if (task.Steps != 4)
                return;
            entered.Set();
            Assert.True(go.Wait(Deadline));
        });

        await using var running = new RunningShards(
            _system, [new ShardedRole(role, 1)], (role, name) =>
            {
                Interlocked.Increment(ref opened);
                return new Shard(world.Log, role, name, Options(10));
            }, Quick, _messages);
        Assert.True(entered.Wait(Deadline));
        using (world.Log.OpenProducer("sum-shard-0"))
            go.Set();
        var sums = world.Await(Records);
        await running.Stop();

        Assert.Equal(SumWorld.Plain(1, Records), sums);
        Assert.Equal(2, opened);
        var (level, text, failure) = Assert.Single(_messages.All);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Equal("Shard shard-0 of sum failed and will be opened anew from the committed offsets", text);
        Assert.IsType<LogFencedException>(failure);
    }

    [Fact]
    public async Task Partition_revoked_while_a_batch_is_under_way_changes_hands_after_its_commit()
    {
        const int Records = 1000;
        using var world = new SumWorld(partitions: 2);
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var handedOver = new ManualResetEventSlim();
        world.Write(Records);
        var first = SumWorld.Role(task =>
        {
            entered.Set();
            Assert.True(go.Wait(Deadline));
        });

        await using var one = Run(world.Log, first, shards: 1, batchSize: 10);
        Assert.True(entered.Wait(Deadline));
        var second = SumWorld.Role(created: _ => handedOver.Set());
        await using var two = Run(world.Log, second, shards: 1, batchSize: 10, prefix: "two-");
        go.Set();
        Assert.True(handedOver.Wait(Deadline));
        world.Write(Records);
        var sums = world.Await(2 * Records);
        await one.Stop();
        await two.Stop();

        Assert.Equal(SumWorld.Plain(2, 2 * Records), sums);
        Assert.Empty(_messages.All);
    }

    [Fact]
    public async Task Shard_that_fails_too_often_ends_all_of_them_and_the_others_drain()
    {
        using var world = new SumWorld(partitions: 1);
        using var folder = new TemporaryFolder();
        var snapshots = new SnapshotFolder(folder.Path);
        using var summed = new ManualResetEventSlim();
        world.Write(50);
        var tried = 0;
        var broken = SumWorld.Role() with { Group = "broken" };
        var healthy = SumWorld.Role();

        await using var running = new RunningShards(
            _system, [new ShardedRole(healthy, 1), new ShardedRole(broken, 1)], (role, name) =>
            {
                if (role != broken)
                    return new Shard(world.Log, role, name, Options(10), snapshots);
                world.Await(50);
                Interlocked.Increment(ref tried);
                throw new LogException("the log is gone");
            }, Quick with { MaxRestarts = 3 }, _messages);

        var failure = await Assert.ThrowsAsync<LogException>(() => running.Ended.WaitAsync(Deadline));
        Assert.Equal("the log is gone", failure.Message);
        Assert.Equal(4, tried);
        Assert.Equal(50, snapshots.Newest(SumWorld.Group, SumWorld.Input(0), healthy.Fingerprint, long.MaxValue)?.Next);
        Assert.Equal(LogLevel.Critical, _messages.All.Last().Level);
    }

    [Fact]
    public async Task Stop_during_a_back_off_does_not_wait_for_its_end()
    {
        using var world = new SumWorld(partitions: 1);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var running = new RunningShards(
            _system, [new ShardedRole(SumWorld.Role(), 1)], (_, _) =>
            {
                failed.TrySetResult();
                throw new LogException("the log is gone");
            }, Quick with { FirstBackoff = TimeSpan.FromMinutes(5), LongestBackoff = TimeSpan.FromMinutes(5) }, _messages);
        await failed.Task.WaitAsync(Deadline);

        await running.Stop();

        Assert.True(running.Ended.IsCompletedSuccessfully);
    }

    private static ShardOptions Options(int batchSize) =>
        new() { BatchSize = batchSize, PollWait = TimeSpan.FromMilliseconds(20), SnapshotEvery = 200 };

    private static void WriteDespiteFaults(SumWorld world, int records)
    {
        while (world.InputEnd() < records)
        {
            try
            {
                world.Write(records);
            }
            catch (Exception fault) when (fault is InjectedCrashException or LogOutcomeUnknownException)
            {
                world.Rewind();
            }
        }
    }

    private RunningShards Run(
        IEventLog log, Role role, int shards, int batchSize, ISnapshots? snapshots = null, string prefix = "") => new(
        _system,
        [new ShardedRole(role, shards)],
        (role, name) => new Shard(log, role, prefix + name, Options(batchSize), snapshots),
        Quick,
        _messages);
}
