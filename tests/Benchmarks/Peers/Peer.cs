using Microsoft.Extensions.Logging.Abstractions;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Streams;

namespace StreamAllocator.Benchmarks.Peers;

/// <summary>
/// Beside the peers of <c>../shared/peers</c>: the same job out of the log, the shards' graph and the windows that production runs on. Takes
/// their flags; <c>--job floor</c> runs what the client alone costs.
/// </summary>
internal static class Peer
{
    public static async Task Run(string[] arguments)
    {
        var flags = new PeerFlags(arguments);
        using var meter = new PeerMeter("streamallocator", flags);
        var options = new KafkaLogOptions { BootstrapServers = flags.Broker, Properties = flags.Properties };
        if (flags.Text("job", "windows") == "floor")
            ClientFloor.Run(flags, meter, options);
        else
            await Windows(flags, meter, options).ConfigureAwait(false);
        meter.Report();
    }

    private static async Task Windows(PeerFlags flags, PeerMeter meter, KafkaLogOptions options)
    {
        using var log = KafkaLog.Open(options);
        var snapshots = new TopicSpec($"{flags.App}-snapshots", 4, CleanUp.Compact);
        log.CreateTopics([snapshots]);
        var role = new Role(
            flags.App, [flags.In], partition => new PeerWindows(new TopicPartition(flags.Out, partition.Partition), meter), "peer/1");
        var shard = new ShardOptions { BatchSize = (int)flags.Number("batch", 1000), SnapshotEvery = (int)flags.Number("snapshot-every", 250_000) };
        using var system = ShardThreads.CreateSystem();
        await using var shards = new RunningShards(
            system,
            [new ShardedRole(role, 1)],
            (opened, name) => new Shard(log, opened, name, shard, new SnapshotTopic(log, snapshots.Name), TimeProvider.System),
            new RunningShardsOptions { CommitEvery = flags.CommitEvery, StopTimeout = TimeSpan.FromSeconds(30) },
            NullLogger.Instance);
        meter.AwaitDone(shards.Ended);
        await shards.Stop().ConfigureAwait(false);
        await shards.Ended.ConfigureAwait(false);
    }
}
