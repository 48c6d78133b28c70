using StreamAllocator.Benchmarks;

// Plain programs rather than a framework: what counts is CPU-seconds of the whole process (collector and JIT included) for a given work.
// The command comes first: the peak of memory is the process's, and by then nothing else has run.
if (args is ["scale", .. var rest])
{
    await StreamAllocator.Benchmarks.Scale.ScaleBenchmark.Run(rest);
    return;
}

CommandBenchmark.Run();
IngestBenchmark.Run();
PredictBenchmark.Run();
LogBenchmark.Run();
