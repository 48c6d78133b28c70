using StreamAllocator.Benchmarks;

// Plain programs rather than a framework: what counts is CPU-seconds of the whole process (collector and JIT included) for a given work.
LogBenchmark.Run();
