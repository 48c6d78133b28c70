using System.Globalization;
using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Pipeline.Wire;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Benchmarks;

/// <summary>The predict task alone on 100 VMs: samples and closed windows (features, forecast and errors of four resources) per CPU-second.</summary>
internal static class PredictBenchmark
{
    private const int Vms = 100;
    private const int WarmUpWindows = 300;
    private const int Windows = 600;

    public static void Run()
    {
        var demand = DemandTrace.Azure(seed: 1, Vms);
        foreach (var samplesPerWindow in new[] { 1, 30 })
        {
            var task = new PredictTask(new PredictOptions(), new Topics(), 0, 1, 1, 1);
            using var outputs = new OutputBatch();
            using var warmUp = Encode(demand, demand.FirstWindow, WarmUpWindows, samplesPerWindow, withInventory: true);
            using var measured = Encode(demand, demand.FirstWindow + WarmUpWindows, Windows, samplesPerWindow, withInventory: false);
            task.Step(warmUp, outputs);
            outputs.Clear();
            var clock = new CpuClock();
            task.Step(measured, outputs);
            var seconds = clock.Seconds;
            var vmWindows = (long)Windows * Vms;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"predict, {samplesPerWindow} samples a window: {vmWindows * samplesPerWindow / seconds:N0} samples, {vmWindows / seconds:N0} VM-windows per CPU-second"));
        }
    }

    private static RecordBatch Encode(DemandTrace demand, long first, int windows, int samplesPerWindow, bool withInventory)
    {
        var writer = new ProtoWriter();
        var samples = new SampleColumns();
        var batch = TraceSamples.NewBatch(new Topics().VmInputs);
        for (var vm = 0; withInventory && vm < demand.VmCount; vm++)
        {
            var size = demand.Provisioned(vm);
            var mark = writer.Begin(2);
            VmInventoryCodec.WriteFields(writer, new VmInventory(new VmSpec(demand.VmId(vm), "pool", size, size, size, Priority.Normal), ZoneOffsets.Utc));
            writer.End(mark);
            Append(EventTime.StartOfWindow(first, demand.WindowSize));
        }

        for (var window = first; window < first + windows; window++)
        {
            samples.Clear();
            TraceSamples.Add(samples, demand, window, samplesPerWindow);
            samples.Write(writer, 1);
            var end = EventTime.StartOfWindow(window + 1, demand.WindowSize);
            new Tick(TickSource.Ingest, 0, 1, end).Write(writer, 15);
            Append(end);
        }

        return batch;

        void Append(EventTime time)
        {
            batch.Append(batch.Count, time, [], Headers.VmInputs, writer.Written);
            writer.Clear();
        }
    }
}
