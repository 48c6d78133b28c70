namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>CPU time and managed bytes that each stage of the shards took, summed over their threads.</summary>
internal sealed class Stages
{
    private readonly SortedDictionary<string, Stage> _stages = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public Dictionary<string, (long Nanoseconds, long Bytes)> Now()
    {
        lock (_gate)
            return _stages.ToDictionary(stage => stage.Key, stage => (Volatile.Read(ref stage.Value.Nanoseconds), Volatile.Read(ref stage.Value.Bytes)));
    }

    public Stage Of(string name)
    {
        lock (_gate)
            return _stages.TryGetValue(name, out var stage) ? stage : _stages[name] = new Stage();
    }

    /// <summary>A few hundred nanoseconds a measurement: for batches, not for records.</summary>
    internal sealed class Stage
    {
        public long Nanoseconds;
        public long Bytes;

        public static (long Cpu, long Allocated) Start() => (ThreadCpu.Mine, GC.GetAllocatedBytesForCurrentThread());

        public void End((long Cpu, long Allocated) start)
        {
            Interlocked.Add(ref Nanoseconds, ThreadCpu.Mine - start.Cpu);
            Interlocked.Add(ref Bytes, GC.GetAllocatedBytesForCurrentThread() - start.Allocated);
        }
    }
}
