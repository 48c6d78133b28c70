using StreamAllocator.Benchmarks;
using StreamAllocator.Benchmarks.Peers;
using StreamAllocator.Benchmarks.Scale;
using StreamAllocator.Benchmarks.Throughput;

switch (args)
{
    case ["scale", .. var rest]:
        await ScaleBenchmark.Run(rest);
        return;
    case ["peers", var broker, .. var folder]:
        PeersBenchmark.Run(broker, folder.FirstOrDefault());
        return;
    case ["latency", var broker]:
        await LatencyBenchmark.Run(broker);
        return;
    case ["throughput", var broker]:
        await ThroughputBenchmark.Run(broker);
        return;
    case [var flag, ..] when flag.StartsWith("--", StringComparison.Ordinal):
        // One of the programs that ../shared/peers measures.
        await Peer.Run(args);
        return;
}

// Plain programs rather than a framework: what counts is CPU-seconds of the whole process (collector and JIT included) for a given work.
// The command comes first: the peak of memory is the process's, and by then nothing else has run.
CommandBenchmark.Run();
IngestBenchmark.Run();
PredictBenchmark.Run();
LogBenchmark.Run();
await KafkaBenchmarks.Run();
