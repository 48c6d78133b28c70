using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Benchmarks;

/// <summary>Samples of the demand that ships with the project.</summary>
internal static class TraceSamples
{
    public static RecordBatch NewBatch(string topic)
    {
        var batch = new RecordBatch();
        batch.Reset(new TopicPartition(topic, 0));
        return batch;
    }

    /// <summary>So many samples of each VM, spread over the window.</summary>
    public static void Add(SampleColumns to, DemandTrace demand, long window, int perVm = 1)
    {
        var start = EventTime.StartOfWindow(window, demand.WindowSize);
        for (var sample = 1; sample <= perVm; sample++)
        {
            var time = start + (sample * demand.WindowSize / perVm) - TimeSpan.FromMilliseconds(1);
            for (var vm = 0; vm < demand.VmCount; vm++)
            {
                var wanted = demand.At(vm, window);
                var size = demand.Provisioned(vm);
                to.Add(
                    demand.VmId(vm),
                    time,
                    [
                        (float)wanted.CpuCores, (float)wanted.CpuCoresMax, (float)wanted.MemoryGib, (float)wanted.DiskBytesPerSecond,
                        (float)wanted.NetworkBytesPerSecond, (float)size.CpuCores, (float)size.MemoryGib, 0,
                    ],
                    0);
            }
        }
    }
}
