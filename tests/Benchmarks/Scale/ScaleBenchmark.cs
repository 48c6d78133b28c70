using System.Diagnostics;
using System.Globalization;
using StreamAllocator.Domain;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Benchmarks.Scale;

/// <summary>
/// One <c>run</c> process with ingest, predict, decide and execute for very many VMs, on a broker of ../shared/kafka, at the wall clock's pace:
/// memory, CPU and delay of each window, the snapshots that an orderly stop leaves, and what a start from them takes. About three windows long.
/// </summary>
internal sealed class ScaleBenchmark : IDisposable
{
    private const int WindowsBeforeStop = 1;
    private const int SamplesPerMessage = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly Topics _topics = new();
    private readonly string _kafka;
    private readonly SimulatedFleet _fleet;
    private readonly TimeSpan _window;
    private readonly int _vmPartitions;
    private readonly int _poolPartitions;
    private readonly KafkaLog _log;
    private readonly string _address;

    /// <param name="kafka">Folder that start-kafka was given.</param>
    private ScaleBenchmark(string kafka, int vms, TimeSpan window, int vmPartitions, int poolPartitions)
    {
        _kafka = kafka;
        _window = window;
        _vmPartitions = vmPartitions;
        _poolPartitions = poolPartitions;
        var port = File.ReadLines(Path.Combine(kafka, "ports")).Single(line => line.StartsWith("plaintext ", StringComparison.Ordinal))["plaintext ".Length..];
        _address = $"127.0.0.1:{port}";
        _log = KafkaLog.Open(new KafkaLogOptions { BootstrapServers = _address });
        _log.CreateTopics(_topics.All(vmPartitions, poolPartitions));
        _fleet = new SimulatedFleet(_log, _topics, vms, poolPartitions, SamplesPerMessage, new VmSize(0.1, 0.125));
    }

    /// <param name="arguments">Folder of the broker, VMs, seconds of a window, partitions by VM, partitions by pool.</param>
    public static async Task Run(string[] arguments)
    {
        int Number(int place, int otherwise) => arguments.Length > place ? int.Parse(arguments[place], CultureInfo.InvariantCulture) : otherwise;
        using var benchmark = new ScaleBenchmark(arguments[0], Number(1, 1_000_000), TimeSpan.FromSeconds(Number(2, 300)), Number(3, 16), Number(4, 8));
        await benchmark.Run();
    }

    public void Dispose()
    {
        _fleet.Dispose();
        _log.Dispose();
    }

    private async Task Run()
    {
        var started = Stopwatch.StartNew();
        _fleet.PublishInventory();
        Print($"{_fleet.Vms:N0} VMs in {_fleet.Pools:N0} pools put into the inventory in {started.Elapsed.TotalSeconds:0} s");
        using var publishing = new CancellationTokenSource();
        var telemetry = _fleet.PublishTelemetry(_window / 5, publishing.Token);
        try
        {
            await RunAndRestart();
        }
        finally
        {
            await publishing.CancelAsync();
            await telemetry;
        }
    }

    private async Task RunAndRestart()
    {
        using (var run = Start())
        {
            for (var window = 0; window <= WindowsBeforeStop; window++)
                await AwaitWindow(run);
            await Drain(run);
        }

        using (var run = Start())
        {
            var start = Stopwatch.StartNew();
            var ticked = _log.EndOffset(new TopicPartition(_topics.Retraining, 0));
            await Until(run, () => _log.EndOffset(new TopicPartition(_topics.Retraining, 0)) > ticked);
            Print($"start from snapshots: first output of predict committed after {start.Elapsed.TotalSeconds:0.0} s; {run.Memory()}");
            await AwaitWindow(run);
            await Drain(run);
        }
    }

    private MeasuredProcess Start() =>
        MeasuredProcess.Allocator(_address, _topics.Prefix, _vmPartitions, _poolPartitions, _window);

    /// <summary>Until every VM has features of the window that ends next, and decisions of it.</summary>
    private async Task AwaitWindow(MeasuredProcess run)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var end = new EventTime((EventTime.FloorDiv(now, (long)_window.TotalMilliseconds) + 1) * (long)_window.TotalMilliseconds);
        var counts = new WindowCounts(_log, _topics, _vmPartitions, end);
        await Until(run, () => counts.Features() >= _fleet.Vms);
        var features = Since(end);
        await Until(run, () => counts.Decisions() >= _fleet.Vms);
        Print($"window to {end}: {counts.Features():N0} features within {features:0.0} s of its end, all decisions within {Since(end):0.0} s; {run.Memory()}, {run.CpuSeconds():0} CPU-seconds so far");
    }

    private async Task Drain(MeasuredProcess run)
    {
        var (before, stop) = (SnapshotBytes(), Stopwatch.StartNew());
        await run.Stop();
        var written = SnapshotBytes() - before;
        Print($"stopped within {stop.Elapsed.TotalSeconds:0.0} s; its snapshots: {written / 1e6:N0} MB, {(double)written / _fleet.Vms:N0} bytes a VM");
    }

    /// <summary>As the broker has them on its disk, before compaction.</summary>
    private long SnapshotBytes() => Directory.EnumerateDirectories(Path.Combine(_kafka, "data"), _topics.Snapshots + "-*")
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.log")).Sum(file => new FileInfo(file).Length);

    private static async Task Until(MeasuredProcess run, Func<bool> condition)
    {
        while (!condition())
        {
            run.CheckRuns();
            await Task.Delay(Look);
        }
    }

    private static double Since(EventTime time) => (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - time.UnixMilliseconds) / 1e3;

    private static void Print(FormattableString line) =>
        Console.WriteLine($"{DateTimeOffset.Now:HH:mm:ss} {line.ToString(CultureInfo.InvariantCulture)}");
}
