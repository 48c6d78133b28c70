using System.Globalization;
using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Domain;
using StreamAllocator.Ingest;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Benchmarks;

/// <summary>Protobuf telemetry of 100 VMs, decoded, judged, converted and routed, per CPU-second; one sample a message, and a hundred.</summary>
internal static class IngestBenchmark
{
    private const int Vms = 100;
    private const int Windows = 2000;
    private const int Passes = 10;
    private const int RecordsPerBatch = 1000;

    public static void Run()
    {
        var demand = DemandTrace.Azure(seed: 1, Vms);
        foreach (var samplesPerMessage in new[] { 1, 100 })
        {
            var batches = Encode(demand, samplesPerMessage);
            Fold(batches);
            var clock = new CpuClock();
            var records = 0L;
            for (var pass = 0; pass < Passes; pass++)
                records += Fold(batches);
            var seconds = clock.Seconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"ingest, {samplesPerMessage} samples a message: {records / seconds:N0} messages, {records * samplesPerMessage / seconds:N0} samples per CPU-second"));
            foreach (var batch in batches)
                batch.Dispose();
        }
    }

    private static long Fold(List<RecordBatch> batches)
    {
        var task = new TelemetryIngestTask(new Topics(), 0, 1, 2, IngestOptions.ForDriven with { FutureTolerance = TimeSpan.FromDays(7) });
        using var outputs = new OutputBatch();
        foreach (var batch in batches)
        {
            outputs.Clear();
            task.Step(batch, outputs);
        }

        if (task.Counts.Accepted != (long)Windows * Vms)
            throw new InvalidOperationException($"{task.Counts.Accepted} samples accepted of {Windows * Vms}");
        return task.Counts.Records;
    }

    private static List<RecordBatch> Encode(DemandTrace demand, int samplesPerMessage)
    {
        var writer = new ProtoWriter();
        var samples = new SampleColumns();
        var batches = new List<RecordBatch>();
        for (var window = demand.FirstWindow; window < demand.FirstWindow + Windows; window++)
        {
            samples.Clear();
            TraceSamples.Add(samples, demand, window);
            for (var sample = 0; sample < samples.Count; sample++)
            {
                TelemetryCodec.Write(writer, samples, sample);
                if ((sample + 1) % samplesPerMessage != 0)
                    continue;
                if (batches.Count == 0 || batches[^1].Count == RecordsPerBatch)
                    batches.Add(TraceSamples.NewBatch(new Topics().Telemetry));
                batches[^1].Append(batches.Count, new EventTime(samples.Time[sample]), [], Headers.Telemetry, writer.Written);
                writer.Clear();
            }
        }

        return batches;
    }
}
