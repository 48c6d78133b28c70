using System.Globalization;

namespace StreamAllocator.Benchmarks.Throughput;

/// <summary>What this process uses until its end, by thread and by stage; the rows add up to the whole.</summary>
internal sealed class CpuAccount
{
    private readonly Stages _stages;
    private readonly Dictionary<string, (long Nanoseconds, long Bytes)> _stagesBefore;
    private readonly Dictionary<string, (string Name, long Nanoseconds)> _threadsBefore;
    private readonly CpuClock _clock;
    private readonly List<(string What, double Nanoseconds, long? Bytes)> _rows = [];

    public CpuAccount(Stages stages)
    {
        _stages = stages;
        GC.Collect();
        _threadsBefore = ThreadCpu.All();
        _stagesBefore = stages.Now();
        _clock = new CpuClock();
    }

    public void End()
    {
        var whole = _clock.Seconds * 1e9;
        var threads = ThreadCpu.All();
        double Of(string name) => threads
            .Where(thread => thread.Value.Name.StartsWith(name, StringComparison.Ordinal))
            .Sum(thread => thread.Value.Nanoseconds - _threadsBefore.GetValueOrDefault(thread.Key).Nanoseconds);
        var (client, compiler, shards) = (Of("rdk:"), Of(".NET Tiered"), Of("streamallocator"));
        _rows.Add(("Kafka client's own threads", client, null));
        var stages = 0L;
        foreach (var (name, (nanoseconds, bytes)) in _stages.Now().OrderBy(stage => stage.Key, StringComparer.Ordinal))
        {
            var before = _stagesBefore.GetValueOrDefault(name);
            _rows.Add((name, nanoseconds - before.Nanoseconds, bytes - before.Bytes));
            stages += nanoseconds - before.Nanoseconds;
        }

        _rows.Add(("graph of the shards", shards - stages, null));
        _rows.Add(("compiler", compiler, null));
        _rows.Add(("all else (main thread, collector, threads that ended)", whole - client - compiler - shards, null));
        _rows.Add(("whole", whole, null));
    }

    /// <param name="unit">What there were so many of.</param>
    public void Print(string title, string unit, long units)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {units / _rows[^1].Nanoseconds * 1e9:N0} {unit}s per CPU-second"));
        foreach (var (what, nanoseconds, bytes) in _rows)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {what,-60} | {nanoseconds / units,8:0.0} ns | {(bytes is null ? "" : $"{(double)bytes / units:0.00} B"),9} |"));
        }
    }
}
