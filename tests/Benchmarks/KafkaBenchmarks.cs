using StreamAllocator.Benchmarks.Peers;
using StreamAllocator.Benchmarks.Scale;
using StreamAllocator.Benchmarks.Throughput;
using StreamAllocator.Testing;

namespace StreamAllocator.Benchmarks;

/// <summary>What needs a broker: the one that KAFKA_BOOTSTRAP names, else one of its own from <c>../shared/kafka</c>; skipped where neither is.</summary>
internal static class KafkaBenchmarks
{
    public static async Task Run()
    {
        var named = Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP");
        if (named is null && !SharedBroker.Exists)
        {
            Console.WriteLine("Kafka: skipped, needs KAFKA_BOOTSTRAP or ../shared/kafka beside the repository");
            return;
        }

        using var own = named is null ? new SharedBroker([]) : null;
        var bootstrap = named ?? own!.Bootstrap;
        await ThroughputBenchmark.Run(bootstrap).ConfigureAwait(false);
        await LatencyBenchmark.Run(bootstrap).ConfigureAwait(false);
        if (PeersBenchmark.Missing is { } missing)
            Console.WriteLine($"peers: skipped, {missing}");
        else
            PeersBenchmark.Run(bootstrap, own?.Folder);
    }
}
