using System.Diagnostics;
using System.Globalization;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Ingest;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Benchmarks.Scale;

/// <summary>
/// From telemetry to a committed command, under load: VMs that begin to use all that they have, from the moment their first such sample is made to
/// the moment a plain reader has the command that lets them grow. No VM may shrink, and as many may grow at a time as want to. The allocator is a
/// process of its own, on Kafka, at the wall clock's pace.
/// </summary>
internal static class LatencyBenchmark
{
    private const int Vms = 20_000;
    private const int Partitions = 4;
    private const int Surges = 500;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>As large a part of the window as by default. Until it is over, the window before hides what the newest samples say.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan BetweenSurges = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    public static async Task Run(string bootstrap)
    {
        await Measure(bootstrap, 1, 150_000, new IngestOptions().Cadence).ConfigureAwait(false);
        await Measure(bootstrap, 1, 150_000, TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        await Measure(bootstrap, 100, 500_000, new IngestOptions().Cadence).ConfigureAwait(false);
    }

    private static async Task Measure(string bootstrap, int samplesPerMessage, int samplesPerSecond, TimeSpan cadence)
    {
        using var log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = bootstrap });
        var topics = new Topics($"latency-{Guid.NewGuid():N}.");
        log.CreateTopics(topics.All(Partitions, Partitions));
        using var fleet = new SimulatedFleet(log, topics, Vms, Partitions, samplesPerMessage, SimulatedFleet.Size);
        fleet.PublishInventory();
        using var run = MeasuredProcess.Allocator(bootstrap, topics.Prefix, Partitions, Partitions, Window, [
            ("ALLOCATOR__INGEST__CADENCE", cadence.ToString()),
            ("ALLOCATOR__INGEST__GRACE", Grace.ToString()),
            ("ALLOCATOR__DECIDE__DECISIONS__MINCHANGESPERHOUR", "1000000"),
        ]);
        using var stop = new CancellationTokenSource();
        var samples = Task.Run(() => fleet.PublishTelemetry(TimeSpan.FromSeconds((double)Vms / samplesPerSecond), stop.Token), CancellationToken.None);
        try
        {
            await WarmUp(log, topics, run).ConfigureAwait(false);
            var (cpu, published, start) = (run.CpuSeconds(), fleet.Published, Stopwatch.GetTimestamp());
            var delays = await Surge(log, topics, fleet, run).ConfigureAwait(false);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Print(samplesPerMessage, cadence, delays, (fleet.Published - published) / seconds, (run.CpuSeconds() - cpu) / seconds);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await samples.ConfigureAwait(false);
        }

        await run.Stop().ConfigureAwait(false);
    }

    /// <summary>Until two windows of every VM have been decided.</summary>
    private static async Task WarmUp(KafkaLog log, Topics topics, MeasuredProcess run)
    {
        var end = EventTime.StartOfWindow(EventTime.From(DateTimeOffset.UtcNow).WindowIndex(Window) + 2, Window);
        var counts = new WindowCounts(log, topics, Partitions, end);
        while (counts.Features() < Vms || counts.Decisions() < Vms)
        {
            run.CheckRuns();
            await Task.Delay(200).ConfigureAwait(false);
        }
    }

    private static async Task<List<double>> Surge(KafkaLog log, Topics topics, SimulatedFleet fleet, MeasuredProcess run)
    {
        using var ended = new CancellationTokenSource();
        using var commands = log.Read([.. Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topics.Commands, partition))]);
        foreach (var partition in commands.Assignment)
            commands.Seek(partition, log.EndOffset(partition));
        var delays = new List<double>();
        var reading = Task.Run(
            () =>
            {
                using var batch = new RecordBatch();
                while (!ended.IsCancellationRequested)
                {
                    commands.Poll(batch, 1000, TimeSpan.FromMilliseconds(50));
                    for (var index = 0; index < batch.Count; index++)
                    {
                        if (fleet.EndSurge(Encoding.UTF8.GetString(batch[index].Key)) is { } delay)
                            delays.Add(delay.TotalMilliseconds);
                    }
                }
            },
            CancellationToken.None);
        for (var surge = 0; surge < Surges; surge++)
        {
            // A prime's multiples: other pools and partitions each time, no VM twice.
            fleet.BeginSurge(surge * 7919 % Vms);
            await Task.Delay(BetweenSurges).ConfigureAwait(false);
        }

        var deadline = Stopwatch.StartNew();
        while (fleet.Surging > 0 && deadline.Elapsed < LongestWait)
        {
            run.CheckRuns();
            await Task.Delay(BetweenSurges).ConfigureAwait(false);
        }

        await ended.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        return delays;
    }

    private static void Print(int samplesPerMessage, TimeSpan cadence, List<double> delays, double load, double cpu)
    {
        if (delays.Count == 0)
            throw new InvalidOperationException("no surge was answered");
        delays.Sort();
        double Quantile(double share) => delays[(int)((delays.Count - 1) * share)];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Kafka, telemetry to committed command, {samplesPerMessage} sample{(samplesPerMessage == 1 ? "" : "s")} a message, {load:N0} samples a second ({cpu:0.00} CPU-seconds a second), a tick each {cadence.TotalSeconds} s: p50 {Quantile(0.5):N0} ms, p99 {Quantile(0.99):N0} ms, {delays.Count} of {Surges} surges"));
    }
}
